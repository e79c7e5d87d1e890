#include "mcp/line_splitter.hpp"

namespace thole::mcp {

void LineSplitter::feed(std::string_view bytes, const std::function<void(std::string_view)>& line,
                        const std::function<void()>& too_long) {
    while (!bytes.empty()) {
        std::size_t end = bytes.find('\n');
        bool is_whole = end != std::string_view::npos;
        std::string_view part = bytes.substr(0, end);
        bytes.remove_prefix(is_whole ? end + 1 : bytes.size());
        if (!is_skipping_ && partial_.size() + part.size() > longest_) {
            is_skipping_ = true;
            std::string().swap(partial_);
            too_long();
        }
        if (!is_skipping_) partial_ += part;
        if (!is_whole) return;
        if (!is_skipping_) {
            std::string whole;
            whole.swap(partial_);
            line(whole);
        }
        is_skipping_ = false;
    }
}

}  // namespace thole::mcp
