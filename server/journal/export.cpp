#include "journal/export.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>

#include "base/json.hpp"
#include "base/text.hpp"
#include "journal/catalog.hpp"
#include "journal/files.hpp"
#include "journal/plan.hpp"
#include "workspace/diff.hpp"

namespace thole {
namespace {

constexpr std::size_t piece_bytes = 256 * 1024;
constexpr std::size_t output_bytes = 8 * 1024;  // of a tool, in Markdown

// A code block whose fence is longer than any inside.
std::string fenced(std::string_view text, std::string_view language) {
    std::size_t longest = 0, run = 0;
    for (char c : text) {
        run = c == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    std::string fence(std::max<std::size_t>(longest + 1, 3), '`');
    std::string block = fence + std::string(language) + "\n" + std::string(text);
    if (!text.empty() && text.back() != '\n') block += '\n';
    return block + fence + "\n";
}

std::string dollars(double amount) {
    char text[32];
    std::snprintf(text, sizeof text, "$%.4f", amount);
    return text;
}

class Markdown {
public:
    std::string head(const State& state) const {
        std::string title =
            state.title.empty() ? "Session " + state.id : one_line(state.title, 200);
        std::string text = "# " + title + "\n\n- session: `" + state.id +
                           "`\n- status: " + state.status + "\n- model: " + state.model +
                           "\n- mode: " + state.mode + "\n- in: `" + state.cwd + "`\n- from " +
                           state.created_at + " to " + state.updated_at + "\n";
        return text;
    }

    std::string event(const Event& event) {
        std::visit([this](const auto& one) { add(one); }, event);
        return std::exchange(text_, {});
    }

    std::string tail(const State& state) const {
        std::string text;
        if (!state.tasks.empty()) text += "\n## Tasks\n\n";
        for (const TaskItem& task : state.tasks) {
            std::string box = task.status == "completed" ? "[x] " : "[ ] ";
            std::string note = task.status == "completed" || task.status == "pending"
                                   ? ""
                                   : " (" + task.status + ")";
            text += "- " + box + task.content + note + "\n";
        }
        const Usage& usage = state.usage;
        text += "\n## Usage\n\n" + std::to_string(usage.model_requests) + " model requests, " +
                std::to_string(usage.tool_calls) + " tool calls, " +
                std::to_string(usage.input_tokens) + " tokens in, " +
                std::to_string(usage.output_tokens) + " out";
        if (usage.cost_usd > 0) text += ", " + dollars(usage.cost_usd);
        return text + "\n";
    }

private:
    // Ends what was being said and begins a paragraph.
    void paragraph() {
        text_ += is_mid_line_ ? "\n\n" : "\n";
        is_mid_line_ = false;
        speaker_.clear();
    }
    void heading(const std::string& words) {
        paragraph();
        text_ += "## " + words + "\n\n";
    }
    void note(const std::string& words) {
        paragraph();
        text_ += "> " + one_line(words, 2000) + "\n";
    }

    void add(const MessageReceived& message) {
        if (message.role != "user") return;
        heading("You");
        text_ += message.content + "\n";
        in_answer_ = false;
    }
    void add(const TokensStreamed& tokens) {
        if (!in_answer_) {
            heading("thole");
        } else if (speaker_ != tokens.message_id) {
            paragraph();
        }
        in_answer_ = true;
        speaker_ = tokens.message_id;
        text_ += tokens.text;
        is_mid_line_ = !tokens.text.ends_with('\n');
    }
    void add(const ToolCallStarted& call) { calls_[call.call_id] = call; }
    void add(const ToolCallCompleted& done) {
        ToolCallStarted call = std::move(calls_[done.call_id]);
        calls_.erase(done.call_id);
        paragraph();
        std::string title = call.title.empty() ? call.tool : call.title;
        text_ += "**" + one_line(title, 300) + "** · " + call.tool + " · " + done.status + "\n";
        bool is_good = done.status == "completed";
        const std::vector<FileDiff>& diffs =
            done.diffs.empty() && is_good ? call.diffs : done.diffs;
        for (const FileDiff& diff : diffs) {
            std::string lines = unified_diff(diff.old_text, diff.new_text, diff.path, 3);
            text_ += "\n" + fenced(lines, "diff");
        }
        bool shows = diffs.empty() && call.kind != "read" && !trim(done.output).empty();
        if (shows) text_ += "\n" + fenced(head_and_tail(done.output, output_bytes).text, "");
    }
    void add(const ApprovalResolved& resolved) {
        if (resolved.by == "policy" && resolved.decision == "allow") return;
        std::string words = "Approval: " + resolved.decision;
        if (resolved.scope == "session") words += " for the session";
        if (!resolved.reason.empty()) words += ": " + resolved.reason;
        note(words);
    }
    void add(const EffectRefused& refused) {
        bool is_part = refused.by != "mode plan" && refused.by != "rule";
        if (is_part) note("Refused by " + refused.by + ": " + refused.what);
    }
    void add(const HookRan& ran) {
        if (!ran.reason.empty()) note("Hook " + ran.command + ": " + ran.reason);
    }
    void add(const QuestionRequested& asked) { note("Question: " + asked.question); }
    void add(const QuestionResolved& answered) {
        note("Answer: " + text_member(*answered.selection, "text"));
    }
    void add(const PlanUpdated& plan) {
        paragraph();
        text_ += "### Plan, revision " + std::to_string(plan.revision) + "\n\n" + plan.content;
        is_mid_line_ = true;
    }
    void add(const PlanReviewed& review) {
        note("Plan " + review.decision + (review.feedback.empty() ? "" : ": " + review.feedback));
        for (const PlanComment& comment : review.comments) {
            note("Line " + std::to_string(comment.start_line) + " of the plan: " + comment.text);
        }
    }
    void add(const PlanStatusChanged& changed) {
        std::string words =
            changed.status == "done" ? "The plan is done" : "The plan is ready for review";
        note(words + (changed.reason.empty() ? "" : ": " + changed.reason));
    }
    void add(const PlanDrifted& drifted) {
        note("Changed without being named by the plan: " + drifted_files(drifted));
    }
    void add(const AgentChanged& changed) {
        note("Agent: " + (changed.agent.empty() ? "default" : changed.agent));
    }
    void add(const ChildSessionSpawned& spawned) {
        note("Sub-agent " + spawned.child_session_id + ": " + one_line(spawned.task, 300));
    }
    void add(const ChildSessionCompleted& done) {
        note("Sub-agent " + done.child_session_id + " " + done.status + ": " +
             one_line(done.summary, 300));
    }
    void add(const WorktreeMerged& merged) {
        note("Work of sub-agent " + merged.child_session_id + ": " + merged.result);
    }
    void add(const ModeChanged& changed) { note("Mode: " + changed.mode); }
    void add(const ModelChanged& changed) { note("Model: " + changed.model); }
    void add(const ContextCompaction& compaction) {
        if (compaction.phase == "completed") note("The conversation until here was summarised.");
    }
    void add(const LimitReached& limit) { note("Stopped at the limit " + limit.limit); }
    void add(const ErrorReported& error) { note("Error: " + error.message); }
    template <class Silent>
    void add(const Silent&) {}

    std::string text_, speaker_;
    std::map<std::string, ToolCallStarted> calls_;
    bool in_answer_ = false, is_mid_line_ = false;
};

Json session_to_json(const State& state) {
    Json json = state_to_json(state);
    json.erase("context");  // the events have it
    return json;
}

}  // namespace

struct Export::Impl {
    enum class Phase { head, events, tail, over };

    std::string head() {
        if (format == ExportFormat::markdown) return markdown.head(state);
        return "{\"schema_version\":1,\"session\":" + dump_json(session_to_json(state)) +
               ",\"events\":[";
    }
    std::string tail() {
        return format == ExportFormat::markdown ? markdown.tail(state) : "\n]}\n";
    }
    void add(const Envelope& envelope, std::string& piece) {
        last_id = envelope.id;
        if (format == ExportFormat::markdown) {
            piece += markdown.event(envelope.event);
            return;
        }
        piece += (has_events ? ",\n" : "\n") + encode_line(envelope);
        has_events = true;
    }
    Result<std::string> events();

    SessionFiles files;
    ExportFormat format;
    const Secrets& secrets;
    State state{};
    Markdown markdown{};
    Phase phase = Phase::head;
    std::uint64_t last_id = 0;
    bool has_events = false;
};

Result<std::string> Export::Impl::events() {
    std::string piece;
    Result<LogRange> range = range_after(files.log(), last_id);
    if (!range) return range.error();
    bool is_full = false;
    Result<LogRead> read = read_log(files.log(), files.blobs(), *range,
                                    [&](const Envelope& envelope, std::string_view) {
                                        if (envelope.id > state.last_event_id) return false;
                                        add(envelope, piece);
                                        is_full = piece.size() >= piece_bytes;
                                        return !is_full;
                                    });
    if (!read) return read.error();
    if (!is_full) phase = Phase::tail;
    return piece;
}

Export::Export(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Export::~Export() = default;

Result<std::unique_ptr<Export>> Export::open(SessionFiles files, ExportFormat format,
                                             const Secrets& secrets) {
    Result<Seen> seen = inspect_session(files);
    if (!seen) return seen.error();
    auto impl = std::unique_ptr<Impl>(new Impl{std::move(files), format, secrets});
    impl->state = std::move(seen->state);
    impl->state.context.clear();
    return std::unique_ptr<Export>(new Export(std::move(impl)));
}

Result<std::string> Export::next() {
    std::string piece;
    while (piece.empty() && impl_->phase != Impl::Phase::over) {
        if (impl_->phase == Impl::Phase::events) {
            Result<std::string> events = impl_->events();
            if (!events) return events;
            piece = std::move(*events);
            continue;
        }
        bool is_head = impl_->phase == Impl::Phase::head;
        piece = is_head ? impl_->head() : impl_->tail();
        impl_->phase = is_head ? Impl::Phase::events : Impl::Phase::over;
    }
    return impl_->secrets.redact(piece);
}

Result<std::string> export_to_file(SessionFiles files, const Secrets& secrets) {
    namespace fs = std::filesystem;
    std::string folder = (fs::path(files.directory).parent_path() / "exports").string();
    std::string path = folder + "/" + files.id + ".md", fresh = path + ".tmp";
    if (Result<void> made = make_private_directories(folder); !made) return made.error();
    Result<std::unique_ptr<Export>> document =
        Export::open(std::move(files), ExportFormat::markdown, secrets);
    if (!document) return document.error();
    std::error_code absent;
    fs::remove(fresh, absent);
    Result<Descriptor> file = open_own_file(fresh, O_WRONLY | O_CREAT);
    if (!file) return file.error();
    for (bool goes_on = true; goes_on;) {
        Result<std::string> piece = (*document)->next();
        if (!piece) return piece.error();
        goes_on = !piece->empty();
        Result<void> written = write_all(file->fd(), *piece, fresh);
        if (!written) return written.error();
    }
    std::error_code failed;
    fs::rename(fresh, path, failed);
    if (failed) return file_error("replace", path, failed.value());
    return path;
}

}  // namespace thole
