"""The ITV board in the community's halls and homes: fed like the site, and just as little sent."""

from app.notices.channels import channels
from app.notices.channels.site import Feed

channels.add("itv", Feed("itv"))
