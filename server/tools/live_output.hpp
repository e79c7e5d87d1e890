// What a running command prints, as people see it grow: whole characters, and not without end.
// Owned by the call; loop thread.
#pragma once
#include <string>
#include <string_view>

#include "tools/terminal_text.hpp"
#include "tools/tool.hpp"

namespace thole {

class LiveOutput {
public:
    LiveOutput(ToolHost& host, const std::string& call_id) : host_(host), call_id_(call_id) {}

    void add(std::string_view bytes) {
        if (shown_ <= most) show(pieces_.add(bytes));
    }
    // All of it at once, shown in pieces.
    void add_whole(std::string_view bytes) {
        for (std::size_t at = 0; at < bytes.size() && shown_ <= most; at += piece) {
            add(bytes.substr(at, piece));
        }
        finish();
    }
    void finish() { show(pieces_.finish()); }

private:
    static constexpr std::size_t most = 1U << 20U;
    static constexpr std::size_t piece = 64U << 10U;

    void show(const std::string& text) {
        if (text.empty()) return;
        shown_ += text.size();
        host_.show_output(call_id_, text);
        if (shown_ > most) host_.show_output(call_id_, "\n[more output follows, not shown]\n");
    }

    ToolHost& host_;
    const std::string& call_id_;
    Utf8Pieces pieces_;
    std::size_t shown_ = 0;
};

}  // namespace thole
