"""Box's search."""

from datetime import UTC, datetime
from json import dumps

from known_calls import Called

CALLS = {
    "Search": [
        Called(
            inputs={"Query": "notes"},
            sent=[
                (
                    (
                        "GET /search?query=notes&scope=user_content&"
                        "trash_content=non_trashed_only&sort=relevance&"
                        "direction=DESC&offset=0&"
                        "limit=200"
                    ),
                    None,
                )
            ],
            rows=[
                (
                    "1200000000026",
                    "file",
                    "notes",
                    "",
                    24,
                    "0",
                    "All Files",
                    datetime(2015, 4, 11, 8, 0, 0, tzinfo=UTC),
                    datetime(2015, 4, 11, 8, 0, 0, tzinfo=UTC),
                    "20000000002",
                    "user02@example.com",
                    None,
                ),
                (
                    "1200000000027",
                    "file",
                    "Notes.txt",
                    "Line one\nline two with 'quotes'",
                    16,
                    "0",
                    "All Files",
                    datetime(2015, 4, 12, 8, 0, 0, tzinfo=UTC),
                    datetime(2015, 7, 20, 8, 0, 0, tzinfo=UTC),
                    "20000000003",
                    "user03@example.com",
                    None,
                ),
            ],
        ),
        Called(
            inputs={
                "Query": "txt NOT pdf",
                "Scope": "enterprise_content",
                "FileExtensions": "txt,md",
                "CreatedAtRange": "2000-01-01,2030-01-01",
                "UpdatedAtRange": ",2030-01-01",
                "SizeRange": "1,100",
                "OwnerUserIds": "20000000001,20000000002",
                "RecentUpdaterUserIds": "20000000001",
                "AncestorFolderIds": "0",
                "ContentTypes": "name,description",
                "Type": "file",
                "TrashContent": "non_trashed_only",
                "Sort": "modified_at",
                "Direction": "asc",
                "IncludeRecentSharedLinks": True,
                "Limit": 3,
                "Offset": 1,
            },
            sent=[
                (
                    (
                        "GET /search?query=txt NOT pdf&scope=enterprise_content&"
                        "file_extensions=txt,md&created_at_range=2000-01-01T00:00:00Z,2030-01-01T00:00:00Z&"
                        "updated_at_range=,2030-01-01T00:00:00Z&size_range=1,100&"
                        "owner_user_ids=20000000001,20000000002&recent_updater_user_ids=20000000001&"
                        "ancestor_folder_ids=0&content_types=name,description&"
                        "type=file&trash_content=non_trashed_only&"
                        "sort=modified_at&direction=ASC&"
                        "include_recent_shared_links=true&offset=1&"
                        "limit=3"
                    ),
                    None,
                )
            ],
            rows=[
                (
                    "1200000000017",
                    "file",
                    "it's.txt",
                    "",
                    3,
                    "160000000008",
                    "Quotes",
                    datetime(2015, 3, 26, 8, 0, 0, tzinfo=UTC),
                    datetime(2015, 3, 26, 8, 0, 0, tzinfo=UTC),
                    "20000000001",
                    "user01@example.com",
                    None,
                ),
                (
                    "1200000000023",
                    "file",
                    "  two leading.txt",
                    "",
                    6,
                    "160000000011",
                    " leading space",
                    datetime(2015, 4, 4, 8, 0, 0, tzinfo=UTC),
                    datetime(2015, 4, 4, 8, 0, 0, tzinfo=UTC),
                    "20000000001",
                    "user01@example.com",
                    None,
                ),
            ],
        ),
        Called(
            inputs={
                "Query": "readme",
                "TrashContent": "trashed_only",
                "DeletedUserIds": "19999999001",
                "DeletedAtRange": "2000-01-01,",
            },
            sent=[
                (
                    (
                        "GET /search?query=readme&scope=user_content&"
                        "trash_content=trashed_only&sort=relevance&"
                        "direction=DESC&deleted_user_ids=19999999001&"
                        "deleted_at_range=2000-01-01T00:00:00Z,&offset=0&"
                        "limit=200"
                    ),
                    None,
                )
            ],
            rows=[
                (
                    "1200000000008",
                    "file",
                    "README",
                    "",
                    20,
                    "160000000001",
                    "Contracts",
                    datetime(2015, 3, 14, 8, 0, 0, tzinfo=UTC),
                    datetime(2015, 3, 14, 8, 0, 0, tzinfo=UTC),
                    "20000000001",
                    "user01@example.com",
                    None,
                )
            ],
            before=["EXEC DeleteItem '1200000000008'"],
        ),
        Called(
            inputs={
                "Mdfilters": dumps(
                    [{"scope": "enterprise", "templateKey": "documentReview", "filters": {"state": "done"}}]
                )
            },
            sent=[
                (
                    (
                        "GET /search?scope=user_content&trash_content=non_trashed_only&"
                        'mdfilters=[{"scope":"enterprise","templateKey":"documentReview","filters":{"state":"done"}}]&sort=relevance&'
                        "direction=DESC&offset=0&"
                        "limit=200"
                    ),
                    None,
                )
            ],
            rows=[
                (
                    "1200000000001",
                    "file",
                    "ACME master agreement.pdf",
                    "",
                    15,
                    "160000000003",
                    "Signed",
                    datetime(2015, 3, 5, 8, 0, 0, tzinfo=UTC),
                    datetime(2015, 3, 5, 8, 0, 0, tzinfo=UTC),
                    "20000000001",
                    "user01@example.com",
                    None,
                )
            ],
        ),
    ],
}
