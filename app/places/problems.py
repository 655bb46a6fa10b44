"""What can be refused about communities and their maps."""

from app.core.problems import Problem, breaking


class CommunityTaken(Problem, status=409):
    """There is a community with this slug already."""


class PlaceTaken(Problem, status=409):
    """There is a place with this code there already."""


class PlaceDoesNotFit(Problem, status=409):
    """A place of this kind cannot stand in that one."""


class PlaceInsideItself(Problem, status=409):
    """A place cannot be moved into itself."""


breaking("communities_slug_key", CommunityTaken)
breaking("places_community_id_path_key", PlaceTaken)
