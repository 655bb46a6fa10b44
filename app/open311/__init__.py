"""GeoReport v2: how the software of other cities and agencies files requests and follows them."""
