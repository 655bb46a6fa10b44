"""Topics (议事): what people raise, second, talk over, settle, and see carried out."""
