"""What metadata is: templates, their instances on items, taxonomies, policies that cascade, and queries over all that.

Source: https://developer.box.com/guides/metadata
"""
