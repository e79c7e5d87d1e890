#include "session/front_matter.hpp"

#include <yaml.h>

#include <algorithm>
#include <optional>

#include "base/text.hpp"

namespace thole {
namespace {

// Events of one YAML document, of the few kinds that a head may have.
class HeadReader {
public:
    HeadReader(std::string_view head, bool skips_more) : skips_more_(skips_more) {
        yaml_parser_initialize(&parser_);
        const auto* bytes = reinterpret_cast<const unsigned char*>(head.data());
        yaml_parser_set_input_string(&parser_, bytes, head.size());
    }
    ~HeadReader() { yaml_parser_delete(&parser_); }
    HeadReader(const HeadReader&) = delete;
    HeadReader& operator=(const HeadReader&) = delete;

    Result<void> read(FrontMatter& into) {
        while (!fault_ && !is_over_) take_event(into);
        if (fault_) return *fault_;
        return {};
    }

private:
    void take_event(FrontMatter& into) {
        yaml_event_t event;
        if (yaml_parser_parse(&parser_, &event) == 0) {
            return fail_at(parser_.problem_mark.line, parser_.problem ? parser_.problem : "broken");
        }
        take(event, into);
        yaml_event_delete(&event);
    }

    // A value of another kind, or one that goes on being skipped.
    bool skips(const yaml_event_t& event, FrontMatter& into) {
        bool begins =
            event.type == YAML_MAPPING_START_EVENT || event.type == YAML_SEQUENCE_START_EVENT;
        bool ends = event.type == YAML_MAPPING_END_EVENT || event.type == YAML_SEQUENCE_END_EVENT;
        if (skipped_ == 0) {
            bool is_other = event.type == YAML_MAPPING_START_EVENT ? depth_ > 0 : is_list_;
            if (!skips_more_ || !begins || key_.empty() || !is_other) return false;
            into.values.erase(key_);
        }
        if (begins) ++skipped_;
        if (ends && --skipped_ == 0 && !is_list_) key_.clear();
        return skipped_ > 0 || ends;
    }

    void take(const yaml_event_t& event, FrontMatter& into) {
        if (skips(event, into)) return;
        switch (event.type) {
            case YAML_MAPPING_START_EVENT:
                if (++depth_ > 1) fail_at(event.start_mark.line, "maps within values are unknown");
                break;
            case YAML_SEQUENCE_START_EVENT:
                is_list_ = depth_ == 1 && !key_.empty() && !is_list_;
                if (!is_list_) fail_at(event.start_mark.line, "expected `key: value`");
                break;
            case YAML_SEQUENCE_END_EVENT:
                is_list_ = false;
                key_.clear();
                break;
            case YAML_SCALAR_EVENT:
                take_scalar(event, into);
                break;
            case YAML_ALIAS_EVENT:
                fail_at(event.start_mark.line, "aliases are not taken");
                break;
            case YAML_STREAM_END_EVENT:
                is_over_ = true;
                break;
            default:
                break;
        }
    }

    void take_scalar(const yaml_event_t& event, FrontMatter& into) {
        const auto& scalar = event.data.scalar;
        std::string text(reinterpret_cast<const char*>(scalar.value), scalar.length);
        if (depth_ != 1) return fail_at(event.start_mark.line, "expected `key: value`");
        if (key_.empty()) {
            key_ = std::move(text);
            if (key_.empty()) return fail_at(event.start_mark.line, "a key is empty");
            bool is_new = into.values.try_emplace(key_).second;
            if (!is_new) fail_at(event.start_mark.line, "'" + key_ + "' is there twice");
            return;
        }
        into.values[key_].push_back(std::move(text));
        if (!is_list_) key_.clear();
    }

    void fail_at(std::size_t line, const std::string& what) {
        // The head begins below its first "---".
        if (!fault_) {
            fault_ = fail(Code::invalid_argument, "line " + std::to_string(line + 2) + ": " + what);
        }
    }

    yaml_parser_t parser_{};
    bool skips_more_;
    int depth_ = 0;
    int skipped_ = 0;  // depth within a value that is left out
    bool is_list_ = false;
    bool is_over_ = false;
    std::string key_;
    std::optional<Error> fault_;
};

}  // namespace

Result<FrontMatter> read_front_matter(std::string_view text, bool skips_more) {
    FrontMatter matter;
    std::vector<std::string_view> lines = split_lines(text);
    if (lines.empty() || lines[0] != "---") {
        matter.body = std::string(trim(text));
        return matter;
    }
    std::size_t end = 1;
    while (end < lines.size() && lines[end] != "---") ++end;
    if (end == lines.size()) {
        return fail(Code::invalid_argument, "line 1: the head has no end; close it with ---");
    }
    auto offset_of = [&](std::string_view line) {
        return static_cast<std::size_t>(line.data() - text.data());
    };
    std::string_view head =
        text.substr(offset_of(lines[1]), offset_of(lines[end]) - offset_of(lines[1]));
    Result<void> read = HeadReader(head, skips_more).read(matter);
    if (!read) return read.error();
    matter.body = std::string(trim(text.substr(offset_of(lines[end]) + 3)));
    return matter;
}

std::vector<std::string> names_in(const std::vector<std::string>& texts) {
    std::vector<std::string> names;
    for (const std::string& text : texts) {
        for (std::size_t begin = 0; begin <= text.size();) {
            std::size_t end = std::min(text.find(',', begin), text.size());
            std::string name(trim(std::string_view(text).substr(begin, end - begin)));
            if (!name.empty()) names.push_back(std::move(name));
            begin = end + 1;
        }
    }
    return names;
}

std::string one_text(const std::vector<std::string>& texts) {
    std::string list;
    for (const std::string& text : texts) list += (list.empty() ? "" : ", ") + text;
    return list;
}

}  // namespace thole
