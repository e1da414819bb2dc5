"""Any call of the API."""

from known_calls import Called, Has

CALLS = {
    "CallAPI": [
        Called(
            inputs={
                "Method": "GET",
                "Path": "/files/1200000000008",
                "Parameters": '{"fields": ["id", "name"]}',
                "Headers": '{"X-Rep-Hints": "[pdf]"}',
            },
            sent=[("GET /files/1200000000008?fields=id,name", None, {"x-rep-hints": "[pdf]"})],
            rows=[('{"type":"file","id":"1200000000008","etag":"0","name":"README"}',)],
        ),
        Called(
            inputs={
                "Method": "PUT",
                "Path": "/files/1200000000008",
                "Body": '{"description": "new"}',
                "Headers": '{"If-Match": "0"}',
                "Parameters": '{"fields": "description"}',
            },
            sent=[("PUT /files/1200000000008?fields=description", {"description": "new"}, {"if-match": "0"})],
            rows=[('{"type":"file","id":"1200000000008","etag":"1","description":"new"}',)],
        ),
        Called(
            inputs={
                "Method": "PATCH",
                "Path": "/metadata_taxonomies/enterprise_491291/regions",
                "Body": '{"displayName": "Geo"}',
            },
            sent=[("PATCH /metadata_taxonomies/enterprise_491291/regions", {"displayName": "Geo"})],
            rows=[(Has('{"id":"4f7059ab-aa23-562f-953d-0124cf7dfeee","key":"regions"'),)],
        ),
        Called(
            inputs={"Method": "DELETE", "Path": "/web_links/170000000001"},
            sent=[("DELETE /web_links/170000000001", None)],
            rows=[(None,)],
        ),
        Called(
            inputs={"Method": "GET", "Path": "/hubs", "Headers": '{"box-version": "2025.0"}'},
            sent=[("GET /hubs", None, {"box-version": "2025.0"})],
            rows=[(Has('{"entries":[{"type":"hubs","id":"2170000002","title":"Sales '),)],
        ),
        Called(
            inputs={"Method": "OPTIONS", "Path": "/events"},
            sent=[("OPTIONS /events", None)],
            rows=[(Has('{"chunk_size":1,"entries":[{"type":"realtime_server","url":"'),)],
        ),
    ],
}
