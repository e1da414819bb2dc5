"""AsUserId: calls are made as another user, by id or login."""

FOLDER = "INSERT INTO folders (name, parent_id) VALUES ('mine', '0')"
OWNER = "SELECT created_by_login FROM folders WHERE parent_id = '0' AND name = 'mine'"
