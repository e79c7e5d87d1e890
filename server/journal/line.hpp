// One line of the log as text: the envelope with its checksum. Internal to journal/; the format is
// docs/session-format.md.
#pragma once
#include <string>
#include <string_view>

#include "journal/codec.hpp"
#include "journal/event.hpp"

namespace thole::codec {

inline constexpr std::string_view line_start = R"({"schema_version":)";

struct Written {
    // It reads back as `envelope`, but for secrets: false when bytes were no UTF-8, for example,
    // and had to be replaced.
    bool is_exact = true;
    bool has_hidden = false;  // secrets
};
// Appends the line, without a newline. With `secrets` it has none of them.
Written write_line(std::string& out, const Envelope& envelope, const StoreBlob* store,
                   const Secrets* secrets = nullptr);

// `load` may be null. `checked` is told whether the line had a checksum.
Result<Envelope> read_line(std::string_view line, const LoadBlob* load, bool* checked = nullptr);

// `text` is a JSON object without its closing brace: appends `,"crc":"8 hex"}` over it.
void seal(std::string& text, std::size_t from);
// Whether the text ends with a checksum, and the right one. Errors: corrupt: the wrong one.
Result<bool> check_seal(std::string_view text);

}  // namespace thole::codec
