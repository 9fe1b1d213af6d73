"""The example site: one page whose tags follow the visitor's consent."""
