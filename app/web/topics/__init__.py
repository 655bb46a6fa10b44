"""Topics and councils as everybody reads them, and as whoever was sent a link takes part."""
