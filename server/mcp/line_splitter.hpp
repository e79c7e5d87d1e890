// Bytes of any size in, lines out; a line that is too long is dropped and told. Owned by a
// transport; no thread of its own.
#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace thole::mcp {

class LineSplitter {
public:
    explicit LineSplitter(std::size_t longest) : longest_(longest) {}

    // `line` gets each line without its end; `too_long` is called once for each that is left out.
    void feed(std::string_view bytes, const std::function<void(std::string_view)>& line,
              const std::function<void()>& too_long);

private:
    std::size_t longest_;
    std::string partial_;
    bool is_skipping_ = false;
};

}  // namespace thole::mcp
