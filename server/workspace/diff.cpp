#include "workspace/diff.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace thole {

namespace {

using Lines = std::vector<std::string_view>;  // with their ends
using Ids = std::vector<int>;
using Flags = std::vector<char>;

Lines lines_with_ends(std::string_view text) {
    Lines lines;
    while (!text.empty()) {
        std::size_t end = text.find('\n');
        std::size_t length = end == text.npos ? text.size() : end + 1;
        lines.push_back(text.substr(0, length));
        text.remove_prefix(length);
    }
    return lines;
}

// One side of the comparison: the lines that the other side has too, and where they are.
struct Side {
    Ids ids;
    std::vector<std::size_t> places;
};

Side shared_lines(const Ids& all, const Flags& known_to_other, Flags& changed) {
    Side side;
    for (std::size_t i = 0; i < all.size(); ++i) {
        changed[i] = !known_to_other[all[i]];
        if (changed[i]) continue;
        side.ids.push_back(all[i]);
        side.places.push_back(i);
    }
    return side;
}

struct Box {
    long a0, a1, b0, b1;
};

// Myers' algorithm in linear space: find a point that a shortest path goes through, then compare
// what is before and behind it.
class Myers {
public:
    Myers(const Side& a, const Side& b, Flags& a_changed, Flags& b_changed)
        : a_(a), b_(b), a_changed_(a_changed), b_changed_(b_changed) {
        std::size_t size = a.ids.size() + b.ids.size() + 3;
        forward_.resize(size);
        backward_.resize(size);
        offset_ = static_cast<long>(b.ids.size()) + 1;
    }

    void run() {
        boxes_.push_back(
            {0, static_cast<long>(a_.ids.size()), 0, static_cast<long>(b_.ids.size())});
        while (!boxes_.empty()) {
            Box box = boxes_.back();
            boxes_.pop_back();
            compare(trimmed(box));
        }
    }

private:
    // Beyond this many differences in one box the answer is not worth its time.
    static constexpr long most_differences = 2000;

    bool same(long x, long y) const { return a_.ids[x] == b_.ids[y]; }

    Box trimmed(Box box) const {
        while (box.a0 < box.a1 && box.b0 < box.b1 && same(box.a0, box.b0)) ++box.a0, ++box.b0;
        while (box.a0 < box.a1 && box.b0 < box.b1 && same(box.a1 - 1, box.b1 - 1)) {
            --box.a1, --box.b1;
        }
        return box;
    }

    void mark(const Box& box) {
        for (long x = box.a0; x < box.a1; ++x) a_changed_[a_.places[x]] = true;
        for (long y = box.b0; y < box.b1; ++y) b_changed_[b_.places[y]] = true;
    }

    void compare(const Box& box) {
        if (box.a0 == box.a1 || box.b0 == box.b1) return mark(box);
        long x = 0, y = 0;
        if (!split(box, x, y)) return mark(box);
        boxes_.push_back({box.a0, x, box.b0, y});
        boxes_.push_back({x, box.a1, y, box.b1});
    }

    // Diagonals are numbered x - y. A search keeps, for each diagonal of its range, the x that it
    // has got to with the differences spent so far; `nowhere` when no path inside the box gets
    // there.
    struct Search {
        std::vector<long>& reached;
        long lowest, highest;  // its range
        long nowhere;
    };

    long& at(Search& search, long diagonal) { return search.reached[diagonal + offset_]; }

    // One more difference widens the range by a diagonal on each side, as far as the box goes.
    void widen(Search& search, const Box& box) {
        if (search.lowest > box.a0 - box.b1) {
            at(search, --search.lowest - 1) = search.nowhere;
        } else {
            ++search.lowest;
        }
        if (search.highest < box.a1 - box.b0) {
            at(search, ++search.highest + 1) = search.nowhere;
        } else {
            --search.highest;
        }
    }

    long forward_step(Search& search, const Box& box, long diagonal) {
        long across = at(search, diagonal - 1) + 1, down = at(search, diagonal + 1);
        if (across > box.a1) across = search.nowhere;
        if (down - diagonal > box.b1) down = search.nowhere;
        long x = std::max(across, down);
        if (x < box.a0) return at(search, diagonal) = search.nowhere;
        while (x < box.a1 && x - diagonal < box.b1 && same(x, x - diagonal)) ++x;
        return at(search, diagonal) = x;
    }

    long backward_step(Search& search, const Box& box, long diagonal) {
        long across = at(search, diagonal + 1) - 1, up = at(search, diagonal - 1);
        if (across < box.a0) across = search.nowhere;
        if (up - diagonal < box.b0) up = search.nowhere;
        long x = std::min(across, up);
        if (x > box.a1) return at(search, diagonal) = search.nowhere;
        while (x > box.a0 && x - diagonal > box.b0 && same(x - 1, x - diagonal - 1)) --x;
        return at(search, diagonal) = x;
    }

    // A point on a shortest path, in the middle of its differences; false when it is too far.
    // The box is trimmed and has lines on both sides, so the point is none of its corners.
    bool split(const Box& box, long& x, long& y) {
        constexpr long far = 1L << 60;
        long from = box.a0 - box.b0, to = box.a1 - box.b1;
        Search forward{forward_, from, from, -far}, backward{backward_, to, to, far};
        at(forward, from) = box.a0;
        at(backward, to) = box.a1;
        bool odd = (from - to) & 1;
        for (long spent = 1; spent <= most_differences; ++spent) {
            widen(forward, box);
            for (long k = forward.highest; k >= forward.lowest; k -= 2) {
                x = forward_step(forward, box, k), y = x - k;
                if (odd && k >= backward.lowest && k <= backward.highest && x >= at(backward, k)) {
                    return true;
                }
            }
            widen(backward, box);
            for (long k = backward.highest; k >= backward.lowest; k -= 2) {
                x = backward_step(backward, box, k), y = x - k;
                if (!odd && k >= forward.lowest && k <= forward.highest && x <= at(forward, k)) {
                    return true;
                }
            }
        }
        return false;
    }

    const Side& a_;
    const Side& b_;
    Flags& a_changed_;
    Flags& b_changed_;
    std::vector<long> forward_, backward_;
    std::vector<Box> boxes_;
    long offset_;
};

// Which lines of each side have no equal on the other.
struct Compared {
    Lines old_lines, new_lines;
    Flags old_changed, new_changed;
};

Ids numbered(const Lines& lines, std::unordered_map<std::string_view, int>& numbers) {
    Ids ids;
    for (std::string_view line : lines) {
        ids.push_back(numbers.try_emplace(line, static_cast<int>(numbers.size())).first->second);
    }
    return ids;
}

Flags occurring(const Ids& ids, std::size_t count) {
    Flags known(count);
    for (int id : ids) known[id] = true;
    return known;
}

Compared compare_lines(std::string_view old_text, std::string_view new_text) {
    Compared all{lines_with_ends(old_text), lines_with_ends(new_text), {}, {}};
    all.old_changed.resize(all.old_lines.size());
    all.new_changed.resize(all.new_lines.size());
    std::unordered_map<std::string_view, int> numbers;
    Ids old_ids = numbered(all.old_lines, numbers), new_ids = numbered(all.new_lines, numbers);
    Side a = shared_lines(old_ids, occurring(new_ids, numbers.size()), all.old_changed);
    Side b = shared_lines(new_ids, occurring(old_ids, numbers.size()), all.new_changed);
    Myers(a, b, all.old_changed, all.new_changed).run();
    return all;
}

std::vector<LineChange> changes_of(const Compared& all) {
    std::vector<LineChange> changes;
    std::size_t i = 0, j = 0;
    const Flags &a = all.old_changed, &b = all.new_changed;
    while (i < a.size() || j < b.size()) {
        LineChange change{i, i, j, j};
        while (i < a.size() && a[i]) change.old_end = ++i;
        while (j < b.size() && b[j]) change.new_end = ++j;
        if (change.old_end > change.old_begin || change.new_end > change.new_begin) {
            changes.push_back(change);
        }
        if (i < a.size()) ++i;
        if (j < b.size()) ++j;
    }
    return changes;
}

std::string range(std::size_t begin, std::size_t end) {
    std::size_t length = end - begin;
    std::string first = std::to_string(length == 0 ? begin : begin + 1);
    return length == 1 ? first : first + "," + std::to_string(length);
}

void add_lines(std::string& out, char mark, const Lines& lines, std::size_t begin,
               std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
        out += mark;
        out += lines[i];
        if (!lines[i].ends_with('\n')) out += "\n\\ No newline at end of file\n";
    }
}

using Changes = std::vector<LineChange>;

// The changes [first, last) with the equal lines round and between them.
void add_hunk(std::string& out, const Compared& all, std::size_t context,
              std::pair<const LineChange*, const LineChange*> group) {
    const auto [first, last] = group;
    std::size_t before = std::min(context, first->old_begin);
    std::size_t after = std::min(context, all.old_lines.size() - (last - 1)->old_end);
    out += "@@ -" + range(first->old_begin - before, (last - 1)->old_end + after) + " +" +
           range(first->new_begin - before, (last - 1)->new_end + after) + " @@\n";
    std::size_t at = first->old_begin - before;
    for (const LineChange* change = first; change != last; ++change) {
        add_lines(out, ' ', all.old_lines, at, change->old_begin);
        add_lines(out, '-', all.old_lines, change->old_begin, change->old_end);
        add_lines(out, '+', all.new_lines, change->new_begin, change->new_end);
        at = change->old_end;
    }
    add_lines(out, ' ', all.old_lines, at, at + after);
}

}  // namespace

std::vector<LineChange> line_changes(std::string_view old_text, std::string_view new_text) {
    return changes_of(compare_lines(old_text, new_text));
}

std::string unified_diff(std::string_view old_text, std::string_view new_text,
                         std::string_view path, std::size_t context) {
    if (old_text == new_text) return "";
    Compared all = compare_lines(old_text, new_text);
    Changes changes = changes_of(all);
    std::string shown(path.starts_with('/') ? path.substr(1) : path);
    std::string out = "--- " + (old_text.empty() ? "/dev/null" : "a/" + shown) + "\n+++ " +
                      (new_text.empty() ? "/dev/null" : "b/" + shown) + "\n";
    const LineChange* end = changes.data() + changes.size();
    for (const LineChange* first = changes.data(); first != end;) {
        const LineChange* last = first + 1;
        while (last != end && last->old_begin - (last - 1)->old_end <= 2 * context) ++last;
        add_hunk(out, all, context, {first, last});
        first = last;
    }
    return out;
}

DiffStat diff_stat(std::string_view old_text, std::string_view new_text) {
    Compared all = compare_lines(old_text, new_text);
    auto count = [](const Flags& flags) {
        return static_cast<std::size_t>(std::count(flags.begin(), flags.end(), 1));
    };
    return {count(all.new_changed), count(all.old_changed)};
}

}  // namespace thole
