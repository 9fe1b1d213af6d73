/* sorted.c - a heap sort and a binary search. */
#include "sorted.h"

#include <string.h>

static int compare(cns_text a, cns_text b) {
    int order = memcmp(a.text, b.text, a.len < b.len ? a.len : b.len);
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static void sink(cns_text *heap, size_t at, size_t count) {
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && compare(heap[child], heap[child + 1]) < 0)
            child++;
        if (compare(heap[at], heap[child]) >= 0)
            return;
        cns_text moved = heap[at];
        heap[at] = heap[child];
        heap[child] = moved;
    }
}

void cns_sort(cns_text *texts, size_t count) {
    for (size_t at = count / 2; at-- > 0;)
        sink(texts, at, count);
    while (count > 1) {
        cns_text last = texts[--count];
        texts[count] = texts[0];
        texts[0] = last;
        sink(texts, 0, count);
    }
}

size_t cns_sorted_unique(cns_text *texts, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (!kept || compare(texts[kept - 1], texts[i]) != 0)
            texts[kept++] = texts[i];
    return kept;
}

bool cns_sorted_has(const cns_text *texts, size_t count, cns_text text) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(texts[middle], text);
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}
