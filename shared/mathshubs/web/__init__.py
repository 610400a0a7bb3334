"""The pages' shared layout, components, assets and words; each service renders its own nouns with them."""

from mathshubs.web.assets import mount_assets
from mathshubs.web.pages import Pages, pages

__all__ = ["Pages", "mount_assets", "pages"]
