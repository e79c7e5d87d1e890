#include "cli/line_editor.hpp"

#include <fcntl.h>
#include <histedit.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cwchar>
#include <deque>

#include "async/descriptor.hpp"
#include "async/poll.hpp"
#include "base/text.hpp"
#include "cli/keys.hpp"

namespace thole::cli {
namespace {

constexpr int remembered_lines = 1000;
constexpr const char* paste_on = "\x1b[?2004h";
constexpr const char* paste_off = "\x1b[?2004l";

std::wstring to_wide(std::string_view text) {
    std::wstring wide;
    for (std::size_t i = 0; i < text.size();) {
        std::size_t length = utf8_sequence_length(text.substr(i));
        auto byte = static_cast<unsigned char>(text[i]);
        if (length <= 1) {
            wide += length == 1 ? static_cast<wchar_t>(byte) : L'\xfffd';
            ++i;
            continue;
        }
        auto code = static_cast<wchar_t>(byte & (0x7f >> length));
        for (std::size_t k = 1; k < length; ++k) {
            code = (code << 6) | (static_cast<unsigned char>(text[i + k]) & 0x3f);
        }
        wide += code;
        i += length;
    }
    return wide;
}

std::string to_utf8(std::wstring_view wide) {
    std::string text;
    for (wchar_t one : wide) {
        auto code = static_cast<std::uint32_t>(one);
        if (code < 0x80) {
            text += static_cast<char>(code);
            continue;
        }
        int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
        text += static_cast<char>((0xff00 >> (more + 1) & 0xff) | (code >> (6 * more)));
        while (more-- > 0) text += static_cast<char>(0x80 | ((code >> (6 * more)) & 0x3f));
    }
    return text;
}

// libedit writes by the locale; one that is not UTF-8 could not show what people and models write.
void choose_locale() {
    bool is_set = std::setlocale(LC_CTYPE, "") != nullptr;
    if (!is_set || MB_CUR_MAX == 1) (void)std::setlocale(LC_CTYPE, "C.UTF-8");
}

// A descriptor of our own: making the terminal itself non-blocking would do so for the shell, too.
async::Descriptor own_descriptor(int fd) {
    std::string path = "/proc/self/fd/" + std::to_string(fd);
    async::Descriptor own(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!own.is_open()) own.reset(fcntl(fd, F_DUPFD_CLOEXEC, 3));
    return own;
}

std::string common_start(const std::vector<std::string>& texts) {
    std::string common = texts.front();
    for (const std::string& text : texts) {
        auto parted = std::mismatch(common.begin(), common.end(), text.begin(), text.end());
        common.erase(parted.first, common.end());
    }
    return std::string(clip_utf8(common, common.size()));
}

}  // namespace

std::size_t rows_below(std::wstring_view text, std::size_t columns) {
    std::size_t row = 0, column = 0;
    for (wchar_t c : text) {
        if (c == L'\n') {
            ++row;
            column = 0;
            continue;
        }
        auto width = static_cast<std::size_t>(std::max(wcwidth(c), 0));
        if (column + width > columns) {
            ++row;
            column = 0;
        }
        column += width;
        if (column == columns) {
            ++row;
            column = 0;
        }
    }
    return row;
}

struct LineEditor::Impl {
    Impl(async::Loop& its_loop, int fd, Hooks its_hooks)
        : loop(its_loop), input_fd(fd), hooks(std::move(its_hooks)) {}
    ~Impl();
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    Result<void> start();
    void set_up();
    void read_keys();
    void press(const Key& key);
    void feed(std::wstring_view chars);
    void replace(std::size_t removed, const std::string& text);
    void erase();
    void enter();
    void complete();
    void clear_line();
    void draw_all();
    void flush_drawing();
    std::wstring before_cursor() const;
    std::size_t terminal_columns() const;

    static ssize_t collect(void* impl, const char* bytes, std::size_t size);
    static int next_char(EditLine* editor, wchar_t* c);
    static wchar_t* prompt_of(EditLine* editor);

    async::Loop& loop;
    int input_fd;
    Hooks hooks;
    async::Descriptor input;
    int input_flags = 0;
    std::unique_ptr<async::Poller> poller;
    KeyReader reader;
    FILE* out = nullptr;
    EditLine* editor = nullptr;
    HistoryW* history = nullptr;
    std::string drawn;
    std::deque<wchar_t> pressed;
    std::string heading;
    std::wstring prompt, plain_prompt;
    bool is_shown = false;
};

LineEditor::Impl::~Impl() {
    poller.reset();
    if (input.is_open()) (void)fcntl(input.fd(), F_SETFL, input_flags);
    if (editor) {
        (void)el_wset(editor, EL_UNBUFFERED, 0);
        el_end(editor);
        drawn = paste_off;
        flush_drawing();
    }
    if (history) history_wend(history);
    if (out) (void)std::fclose(out);
}

ssize_t LineEditor::Impl::collect(void* impl, const char* bytes, std::size_t size) {
    static_cast<Impl*>(impl)->drawn.append(bytes, size);
    return static_cast<ssize_t>(size);
}

int LineEditor::Impl::next_char(EditLine* editor, wchar_t* c) {
    Impl* impl = nullptr;
    (void)el_wget(editor, EL_CLIENTDATA, &impl);
    if (impl->pressed.empty()) return 0;
    *c = impl->pressed.front();
    impl->pressed.pop_front();
    return 1;
}

wchar_t* LineEditor::Impl::prompt_of(EditLine* editor) {
    Impl* impl = nullptr;
    (void)el_wget(editor, EL_CLIENTDATA, &impl);
    return impl->prompt.data();
}

Result<void> LineEditor::Impl::start() {
    choose_locale();
    out = fopencookie(this, "w", {nullptr, collect, nullptr, nullptr});
    if (!out) return fail(Code::io, "cannot draw on the terminal: no memory");
    editor = el_init_fd("thole", stdin, out, out, input_fd, STDOUT_FILENO, STDERR_FILENO);
    history = history_winit();
    if (!editor || !history) return fail(Code::io, "cannot set up line editing: no memory");
    set_up();
    input = own_descriptor(input_fd);
    input_flags = input.is_open() ? fcntl(input.fd(), F_GETFL) : 0;
    poller = async::Poller::open(loop, input.fd(), [this](unsigned) { read_keys(); });
    if (!poller) return fail(Code::io, "cannot read from the terminal");
    poller->watch(async::Poller::readable);
    return {};
}

void LineEditor::Impl::set_up() {
    HistEventW event;
    (void)history_w(history, &event, H_SETSIZE, remembered_lines);
    (void)history_w(history, &event, H_SETUNIQUE, 1);
    (void)el_wset(editor, EL_CLIENTDATA, this);
    (void)el_wset(editor, EL_GETCFN, next_char);
    (void)el_wset(editor, EL_PROMPT_ESC, prompt_of, L'\1');
    (void)el_wset(editor, EL_SIGNAL, 0);
    (void)el_wset(editor, EL_EDITOR, L"emacs");
    (void)el_wset(editor, EL_HIST, history_w, history);
    (void)el_wset(editor, EL_BIND, L"^R", L"ed-search-prev-history", nullptr);
    (void)el_wset(editor, EL_BIND, L"^W", L"ed-delete-prev-word", nullptr);
    (void)el_wset(editor, EL_UNBUFFERED, 1);
    drawn = paste_on;
    flush_drawing();
}

void LineEditor::Impl::flush_drawing() {
    (void)std::fflush(out);
    std::string bytes = std::exchange(drawn, {});
    if (!bytes.empty()) hooks.draw(std::move(bytes));
}

std::size_t LineEditor::Impl::terminal_columns() const {
    winsize size{};
    bool is_known = ioctl(input_fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return is_known ? size.ws_col : 80;
}

std::wstring LineEditor::Impl::before_cursor() const {
    const LineInfoW* line = el_wline(editor);
    return {line->buffer, line->cursor};
}

void LineEditor::Impl::read_keys() {
    char buffer[4096];
    ssize_t got = read(input.fd(), buffer, sizeof buffer);
    bool is_over = got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
    if (is_over) {
        poller->watch(0);
        hooks.ended();
        return;
    }
    if (got < 0) return;
    std::string_view bytes(buffer, static_cast<std::size_t>(got));
    for (const Key& key : reader.take(bytes)) press(key);
    hooks.edited();
}

void LineEditor::Impl::press(const Key& key) {
    const LineInfoW* line = el_wline(editor);
    bool is_empty = line->lastchar == line->buffer;
    switch (key.kind) {
        case Key::Kind::chars:
            return feed(to_wide(key.text));
        case Key::Kind::paste:
            return replace(0, key.text);
        case Key::Kind::newline:
            return replace(0, "\n");
        case Key::Kind::enter:
            return enter();
        case Key::Kind::tab:
            return complete();
        case Key::Kind::clear:
            if (is_shown) hooks.draw("\x1b[H\x1b[2J");
            return is_shown ? draw_all() : void();
        case Key::Kind::end:
            if (is_empty) return hooks.ended();
            [[fallthrough]];
        case Key::Kind::remove:
            if (line->cursor < line->lastchar) feed(L"\x04");
    }
}

// libedit acts on one key at a time. What it draws while hidden is not for the screen.
void LineEditor::Impl::feed(std::wstring_view chars) {
    pressed.assign(chars.begin(), chars.end());
    int count = 0;
    (void)el_wgets(editor, &count);
    pressed.clear();
    (void)std::fflush(out);
    if (!is_shown) drawn.clear();
    flush_drawing();
}

// `text` in place of so many characters before the cursor. Drawn anew: libedit would draw the
// difference to what it drew last, and inserted lines change too much for that.
void LineEditor::Impl::replace(std::size_t removed, const std::string& text) {
    if (is_shown) erase();
    if (removed > 0) el_deletestr(editor, static_cast<int>(removed));
    if (!text.empty()) (void)el_winsertstr(editor, to_wide(text).c_str());
    if (is_shown) draw_all();
}

void LineEditor::Impl::draw_all() {
    if (!heading.empty()) hooks.draw(heading);
    (void)el_wset(editor, EL_REFRESH);
    flush_drawing();
}

void LineEditor::Impl::erase() {
    std::size_t rows = rows_below(plain_prompt + before_cursor(), terminal_columns());
    rows += static_cast<std::size_t>(std::count(heading.begin(), heading.end(), '\n'));
    std::string up = rows > 0 ? "\x1b[" + std::to_string(rows) + "A" : "";
    hooks.draw("\r" + up + "\x1b[J");
}

void LineEditor::Impl::enter() {
    const LineInfoW* line = el_wline(editor);
    std::wstring text(line->buffer, line->lastchar);
    if (!text.empty() && text.back() == L'\\') {
        if (line->cursor < line->lastchar) feed(L"\x05");
        return replace(1, "\n");
    }
    hooks.entered(to_utf8(text));
}

void LineEditor::Impl::complete() {
    std::string before = to_utf8(before_cursor());
    Completion found = hooks.complete(before);
    if (found.candidates.empty()) return;
    std::string common = common_start(found.candidates);
    std::string typed = before.substr(before.size() - std::min(found.replaces, before.size()));
    bool is_longer = common.size() > typed.size();
    if (is_longer || found.candidates.size() == 1) {
        replace(to_wide(typed).size(), common);
    } else {
        hooks.list(found.candidates);
    }
}

// Also forgets how far back in the history one was.
void LineEditor::Impl::clear_line() {
    el_reset(editor);
    (void)el_wset(editor, EL_PREP_TERM, 1);
    (void)std::fflush(out);
    drawn.clear();
}

LineEditor::LineEditor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LineEditor::~LineEditor() = default;

Result<std::unique_ptr<LineEditor>> LineEditor::open(async::Loop& loop, int input_fd, Hooks hooks) {
    auto impl = std::make_unique<Impl>(loop, input_fd, std::move(hooks));
    if (Result<void> started = impl->start(); !started) return started.error();
    return std::unique_ptr<LineEditor>(new LineEditor(std::move(impl)));
}

bool LineEditor::is_shown() const {
    return impl_->is_shown;
}

void LineEditor::show(const Prompt& prompt) {
    impl_->heading = prompt.heading;
    impl_->prompt = to_wide(prompt.mark);
    impl_->plain_prompt.clear();
    bool is_ink = false;
    for (wchar_t c : impl_->prompt) {
        if (c == L'\1') is_ink = !is_ink;
        if (c != L'\1' && !is_ink) impl_->plain_prompt += c;
    }
    impl_->is_shown = true;
    impl_->draw_all();
}

void LineEditor::hide() {
    if (!impl_->is_shown) return;
    impl_->is_shown = false;
    impl_->erase();
}

std::string LineEditor::text() const {
    const LineInfoW* line = el_wline(impl_->editor);
    return to_utf8({line->buffer, static_cast<std::size_t>(line->lastchar - line->buffer)});
}

void LineEditor::set_text(const std::string& text) {
    impl_->clear_line();
    if (!text.empty()) (void)el_winsertstr(impl_->editor, to_wide(text).c_str());
}

void LineEditor::add_history(const std::string& text) {
    HistEventW event;
    (void)history_w(impl_->history, &event, H_ENTER, to_wide(text).c_str());
}

void LineEditor::release() {
    impl_->hooks.draw(paste_off);
    (void)el_wset(impl_->editor, EL_PREP_TERM, 0);
}

void LineEditor::take_back() {
    (void)el_wset(impl_->editor, EL_PREP_TERM, 1);
    impl_->hooks.draw(paste_on);
}

void LineEditor::resize() {
    el_resize(impl_->editor);
    (void)std::fflush(impl_->out);
    impl_->drawn.clear();
}

}  // namespace thole::cli
