#!/bin/sh
# The project's own rules for its files, checked on everything that git would commit.
#
# - no file names a path of one machine;
# - cJSON is linked from the system: none of its sources is in the tree, one file of the core
#   speaks to it, and none of its calls that ignore case or touch process-wide state is used;
# - the core knows no Python.
set -u
cd "$(dirname "$0")/.." || exit 1

# A copy inside somebody else's checkout, such as build/asan/tree, is not that checkout.
if cdup=$(git rev-parse --show-cdup 2>/dev/null) && [ -z "$cdup" ]; then
    files=$(git ls-files --cached --others --exclude-standard)
else
    files=$(find . -type f ! -path './.venv/*' ! -path './build/*' ! -path './.*_cache/*' \
        ! -path './.hypothesis/*' ! -path '*/__pycache__/*' ! -name '*.so' | sed 's|^\./||')
fi
# Files that git still lists but the tree has lost are of no interest.
files=$(printf '%s\n' "$files" | while IFS= read -r file; do [ -f "$file" ] && echo "$file"; done)
status=0

complain() {
    printf '%s:\n%s\n' "$1" "$2" | sed '2,$s/^/    /' >&2
    status=1
}

# rule SENTENCE PATTERN FILES-PATTERN: no line of the files may match (extended expressions).
rule() {
    hits=$(printf '%s\n' "$files" | grep -E "$3" | tr '\n' '\0' | xargs -0 -r grep -HnIE -e "$2" --)
    [ -z "$hits" ] || complain "$1" "$(printf '%s\n' "$hits" | cut -c1-160 | head -5)"
}

# The folders are spelt in two pieces, or this file would break its own rule.
rule "a path of one machine" "/(wo""rk|ro""ot|ho""me/[a-z]+)/" '.'
rule "the core includes Python.h" '#[[:space:]]*include[[:space:]]*[<"]Python\.h' '^csrc/core/'
rule "a cJSON call that ignores case, installs hooks or reads the global error" \
    'cJSON_(GetObjectItem[[:space:]]*\(|InitHooks|GetErrorPtr)' '^csrc/'
rule "cJSON outside the core" '#[[:space:]]*include[[:space:]]*<cjson/' '^csrc/py/'
rule "work left open" '(TODO|FIXME)' '^(csrc|consentpy)/'

copies=$(printf '%s\n' "$files" | grep -iE '(^|/)cjson(_utils)?\.[ch]$')
[ -z "$copies" ] || complain "a copy of cJSON is in the tree" "$copies"

doors=$(grep -lE '#[[:space:]]*include[[:space:]]*<cjson/' csrc/core/*.c csrc/core/*.h 2>/dev/null)
[ "$(printf '%s\n' "$doors" | grep -c .)" -le 1 ] ||
    complain "more than one file of the core speaks to cJSON" "$doors"

[ $status = 0 ] && echo "The project's own rules hold."
exit $status
