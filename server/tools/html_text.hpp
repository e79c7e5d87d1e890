// Turns a web page into text that can be read: the title, paragraphs, lists, headings, tables as
// lines, links as "text (address)". Not a browser: no scripts, no styles, no layout, and what is
// hidden by a style sheet is shown. Pure; bad HTML gives odd text, never an error.
#pragma once
#include <string>
#include <string_view>

namespace thole {

// UTF-8 in, UTF-8 out. Ends without a newline.
std::string html_to_text(std::string_view html);

}  // namespace thole
