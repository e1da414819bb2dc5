"""What views and system tables give."""

ROWS = {
    "effective_access": (
        (
            "SELECT way, role, status, user_login, invite_email, group_name, link_access FROM effective_access "
            "WHERE path = '/Contracts/2023/Signed'"
        ),
        [
            ("owner", "owner", "accepted", "user03@example.com", None, None, None),
            ("owner", "owner", "accepted", "user01@example.com", None, None, None),
            ("owner", "owner", "accepted", "user02@example.com", None, None, None),
            ("collaboration", "editor", "accepted", "user01@example.com", None, None, None),
            ("group", "viewer", "accepted", "user03@example.com", None, "Legal", None),
            ("collaboration", "viewer", "pending", None, "stranger@example.net", None, None),
        ],
    ),
    "external_access": (
        "SELECT path, status, domain, link_access FROM external_access WHERE inherited_from_id IS NULL",
        [("/Contracts", "pending", "example.net", None), ("/Notes.txt", "accepted", None, "open")],
    ),
    "open_shared_links": (
        "SELECT item_type, item_name, permission, is_password_enabled, unshared_at FROM open_shared_links",
        [("file", "Notes.txt", "can_download", False, None)],
    ),
    "stale_files": (
        "SELECT path FROM stale_files WHERE path LIKE '/Case%'",
        [("/Case/Report.txt",), ("/case twin/report.txt",)],
    ),
    "duplicate_files": (
        "SELECT name, size, copies FROM duplicate_files",
        [("it's.txt", 3, 2), ('say "hi".txt', 3, 2)],
    ),
    "folder_sizes": (
        (
            "SELECT path, file_count, file_size, total_file_count, total_size FROM folder_sizes "
            "WHERE path LIKE '/Contracts%' AND depth < 3"
        ),
        [
            ("/Contracts", 1, 20, 8, 82),
            ("/Contracts/2023", 2, 10, 4, 34),
            ("/Contracts/2024", 3, 28, 3, 28),
        ],
    ),
    "inactive_users_content": (
        "SELECT item_type, name, user_login, user_status FROM inactive_users_content",
        [("folder", "Empty folder", "user04@example.com", "inactive")],
    ),
    "sys_tables": (
        (
            "SELECT name, type, is_insertable, is_updatable, is_deletable FROM sys_tables "
            "WHERE name IN ('comments', 'sys_tables', 'stale_files')"
        ),
        [
            ("comments", "table", True, True, True),
            ("sys_tables", "system table", False, False, False),
            ("stale_files", "view", False, False, False),
        ],
    ),
    "sys_tablecolumns": (
        (
            "SELECT table_name, name, type, is_nullable, key_ordinal, is_hidden, is_insertable, is_updatable "
            "FROM sys_tablecolumns WHERE table_name = 'comments' AND name IN ('id', 'created_at', 'message') "
            "OR table_name = 'open_shared_links' AND ordinal = 2"
        ),
        [
            ("comments", "id", "TEXT", False, 1, False, False, False),
            ("comments", "created_at", "TIMESTAMP", True, None, False, False, False),
            ("comments", "message", "TEXT", True, None, False, True, True),
            ("open_shared_links", "item_id", "TEXT", False, 2, False, False, False),
        ],
    ),
    "sys_foreignkeys": (
        (
            "SELECT name, column_name, referenced_table_name, referenced_column_name, type_value, reverse_name "
            "FROM sys_foreignkeys "
            "WHERE table_name = 'open_shared_links' AND referenced_table_name IN ('files', 'users')"
        ),
        [
            ("item_file", "item_id", "files", "id", "file", "open_shared_links"),
            ("owned_by", "owned_by_id", "users", "id", None, "open_shared_links"),
        ],
    ),
    "sys_access_paths": (
        (
            "SELECT name, operations, key_columns, filter_columns, is_unique, is_walk FROM sys_access_paths "
            "WHERE table_name = 'groups'"
        ),
        [
            ("by id", "GET /groups/{id}", '["id"]', "[]", True, False),
            ("all", "GET /groups", "[]", '["name"]', False, False),
        ],
    ),
    "sys_procedures": (
        "SELECT name, side_effect FROM sys_procedures WHERE name LIKE '%CascadePolicy'",
        [("ApplyCascadePolicy", True)],
    ),
    "sys_procedureparameters": (
        (
            "SELECT direction, name, ordinal, type, is_required, default_value, is_secret FROM sys_procedureparameters "
            "WHERE procedure_name = 'GetOAuthAccessToken' AND name IN ('Verifier', 'OAuthAccessToken')"
        ),
        [
            ("input", "Verifier", 2, "TEXT", False, None, True),
            ("output", "OAuthAccessToken", 1, "TEXT", False, None, False),
        ],
    ),
    "sys_properties": (
        (
            "SELECT name, snake_case, type, default_value, value, is_secret FROM sys_properties "
            "WHERE name IN ('OAuthClientSecret', 'Readonly', 'Freshness')"
        ),
        [
            ("OAuthClientSecret", "oauth_client_secret", "text", None, None, True),
            ("Readonly", "readonly", "boolean", "false", "false", False),
            ("Freshness", "freshness", "choice", "live", "live", False),
        ],
    ),
}

CALLS = {
    "effective_access": 18,
    "external_access": 20,
    "open_shared_links": 14,
    "stale_files": 14,
    "duplicate_files": 14,
    "folder_sizes": 15,
    "inactive_users_content": 15,
}
