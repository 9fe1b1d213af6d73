"""Template tag library ``consentpy``."""
