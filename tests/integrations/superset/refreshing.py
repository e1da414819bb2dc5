"""A worker of Superset's: it waits for a line, hands in a refresh token, and tells the access token.

`refreshing.py CLIENT FOLDER KEPT`: the configuration of the OAuth2 client as JSON, the data folder, and the token.
"""

from __future__ import annotations

import json
import sys

import flask

from box_dialect.integrations.superset.viewers import ViewerSignIn

client, folder, kept = sys.argv[1:]
app = flask.Flask("superset")
app.config["DATA_DIR"] = folder
with app.app_context():
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.stdout.write(ViewerSignIn.get_oauth2_fresh_token(json.loads(client), kept)["access_token"])
