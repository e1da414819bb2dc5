"""An admin site of Box, with sqladmin: its lists, searches, details and forms, for whoever reaches this machine.

How to run it: README.md beside this file.
"""

import os
from typing import Any

import sqlalchemy as sa
from sqladmin import Admin, ModelView
from starlette.applications import Starlette

from box_dialect.orm import Comment, File, Folder, User


def shown(model: Any) -> list[str]:
    """Return the columns that `SELECT *` gives; sqladmin would read the others, too, such as the content of a file."""
    return [column.name for column in model.box_table.columns if not column.hidden]


class FileAdmin(ModelView, model=File):
    """Files, which people name anew and describe; what they hold stays at Box."""

    can_create = False
    can_delete = False
    column_list = [File.name, File.parent_path, File.size, File.modified_at]
    column_searchable_list = [File.name]
    column_sortable_list = [File.name, File.size, File.modified_at]
    column_details_list = [*shown(File), File.parent]
    form_columns = [File.name, File.description]


class FolderAdmin(ModelView, model=Folder):
    """Folders, which people make, name anew, move, and delete where they are empty."""

    column_list = [Folder.name, Folder.path, Folder.owned_by]
    column_searchable_list = [Folder.name]
    column_details_list = [*shown(Folder), Folder.parent, Folder.folders, Folder.files]
    form_columns = [Folder.name, Folder.parent, Folder.description]
    form_ajax_refs = {"parent": {"fields": ("name",), "order_by": "name"}}


class CommentAdmin(ModelView, model=Comment):
    """Comments of all files."""

    can_create = False
    column_list = [Comment.message, Comment.file, Comment.created_by_name]
    column_details_list = [*shown(Comment), Comment.file]
    form_columns = [Comment.message]


class UserAdmin(ModelView, model=User):
    """The users of the enterprise."""

    can_create = can_edit = can_delete = False
    column_list = [User.name, User.login, User.space_used]
    column_searchable_list = [User.name, User.login]
    column_details_list = shown(User)


app = Starlette()
admin = Admin(app, sa.create_engine(os.environ["BOX_URL"]), title="Box")
for view in (FileAdmin, FolderAdmin, CommentAdmin, UserAdmin):
    admin.add_view(view)
