"""What every web stack shares: settings, the lazy status, the place, response headers, blocks.

No module in here imports a framework. `consentpy.django`, `consentpy.flask`, `consentpy.asgi` and
`consentpy.wsgi` translate between these and their requests and responses.
"""
