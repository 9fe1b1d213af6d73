# Varnish in front of a site with CACHE = "keyed": one copy of a page for each answer of the gates.
#
# Change the site's address; where URL_PREFIX is set, /consent/key too (twice). VCL 4.1: Varnish 6 or later.
vcl 4.1;

backend site {
    .host = "127.0.0.1";
    .port = "8000";
}

sub vcl_recv {
    if (req.restarts == 0) {
        # Only the site makes keys.
        unset req.http.Consent-Key;
        # WSGI cannot tell this name from that one. The same goes for the header of the country, where
        # the site has one: set it here, and unset its name with underscores.
        unset req.http.Consent_Key;
        unset req.http.Consent-Url;
        if (req.url == "/consent/key") {
            return (synth(404));
        }
        if ((req.method == "GET" || req.method == "HEAD") && !req.http.Authorization) {
            # First the key; the page itself comes after the restart.
            set req.http.Consent-Url = req.url;
            set req.url = "/consent/key";
        }
        return (pass);
    }
    # Cookies alone keep no page out of the cache: what depends on them says so in Vary.
    return (hash);
}

sub vcl_hash {
    hash_data(req.http.Consent-Key);
}

sub vcl_backend_response {
    # Nothing is kept that does not say for how long.
    if (beresp.http.Cache-Control !~ "(?i)(s-maxage|max-age) *=") {
        set beresp.uncacheable = true;
        return (deliver);
    }
}

sub vcl_deliver {
    if (req.http.Consent-Url) {
        set req.http.Consent-Key = resp.http.Consent-Key;
        set req.url = req.http.Consent-Url;
        unset req.http.Consent-Url;
        return (restart);
    }
    # Pages that depend on the answer bear the key. A browser has to ask again each time, and no
    # other cache may keep them: the key is known here only.
    if (resp.http.Consent-Key) {
        unset resp.http.Consent-Key;
        set resp.http.Cache-Control = "private, no-cache";
    }
}
