// What a tool is: code plus a text that the model reads (name.md). A call goes through two steps:
// prepare() checks the input and finds out, without any effect, what the call would do (that is
// what policy decides on and what people are shown); run() does it. Between the two the agent
// records the decision. A tool's failure is text for the model, never an error of the session. Loop
// thread.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "async/loop.hpp"
#include "http/http.hpp"
#include "journal/event.hpp"
#include "policy/modes.hpp"
#include "tools/files.hpp"
#include "workspace/roots.hpp"

namespace thole {

class Subagents;  // tools/subagents.hpp: other agents that work for this one
class Jobs;       // tools/jobs.hpp: shell commands that run in the background
class SeenFiles;  // tools/seen_files.hpp: which version of a file the model has read
class Terminals;  // tools/terminals.hpp: where commands run before the user's eyes

// What a tool may use of the session that it runs in; implemented by agent/.
class ToolHost {
public:
    virtual ~ToolHost() = default;
    // Output while the call runs, as people see it grow. Any bytes.
    virtual void show_output(const std::string& call_id, std::string_view text) = 0;
    // Stores a long text once and gives its sha256.
    virtual Result<std::string> store_blob(std::string_view content) = 0;
    virtual const std::vector<TaskItem>& tasks() const = 0;
    virtual void replace_tasks(std::vector<TaskItem> tasks) = 0;
    // Asks the user; {"kind":…, "text":…} as in QuestionResolved. Errors: cancelled, denied (nobody
    // can be asked).
    virtual async::Task<Result<JsonValue>> ask(QuestionRequested question) = 0;
    virtual std::string timestamp() const = 0;  // RFC 3339, now
    // The plan of the session; errors are texts for the model. Gives what to tell it.
    virtual Result<std::string> write_plan(std::string content) = 0;
    virtual Result<std::string> read_plan() = 0;
    virtual Result<void> submit_plan() = 0;
    virtual Subagents& subagents() = 0;
    // Something that a call tried was kept from happening; also after its end.
    virtual void refused(EffectRefused effect) = 0;
};

// Everything a tool works with; lives as long as the session.
struct ToolContext {
    async::Loop& loop;
    const Roots& roots;
    Files& files;  // the editor's buffers or the disk
    http::Http& http;
    ToolHost& host;
    Jobs& jobs;
    SeenFiles& seen;
    std::vector<std::string> environment;  // of commands, KEY=VALUE, without API keys
    Terminals* terminals = nullptr;        // null: all commands are processes of ours
};

// What a call would do.
struct Prepared {
    JsonValue input;
    std::string call_id;
    std::string title;  // one line, at most 200 characters: "Read src/a.c (lines 10-40)"
    std::vector<Location> locations;
    std::vector<FileDiff> diffs;
    // For policy: what it touches.
    std::string command;             // bash
    std::vector<std::string> paths;  // resolved, absolute
    std::string url;                 // fetch_url
    std::string old_content_sha256;  // edits: what the diff starts from; "" when created
    std::string new_content_sha256;  // edits: the result that the diff shows
    std::optional<Effect> effect;    // of this call, when it does less than the tool can do
    // Set by the runtime, never by prepare(): what runs must be kept from changing anything.
    bool read_only = false;
};

struct ToolOutcome {
    bool failed = false;
    std::string output;               // for the model; at most 30,000 bytes
    JsonValue content;                // further content blocks (images)
    std::vector<FileDiff> diffs;      // what was really changed, when prepare() did not know
    std::vector<Location> locations;  // likewise
    std::string full_output;          // sha256 of the blob when `output` was truncated
    std::vector<std::string> changed_files{};  // set by the runtime: what a command changed
};

struct ToolFacts {
    std::string name;
    std::string description;  // name.md
    JsonValue schema;         // JSON Schema, an object
    Effect effect = Effect::read;
    std::string kind;  // of ACP: read edit delete move search execute think fetch other
    // A call that was interrupted while it ran is run again with the same call_id: it goes on.
    bool resumes = false;
};

class Tool {
public:
    virtual ~Tool() = default;
    virtual const ToolFacts& facts() const = 0;
    // Whether it can do anything now. The model is not told of one that cannot.
    virtual bool is_usable(const ToolContext&) const { return true; }
    // Errors are for the model: what is wrong with the input and what to send instead. Reads
    // nothing outside the roots.
    virtual async::Task<Result<Prepared>> prepare(ToolContext& context, JsonValue input) = 0;
    // `prepared.call_id` is set by the caller. Obeys a stop within a second, leaving no process.
    virtual async::Task<ToolOutcome> run(ToolContext& context, const Prepared& prepared) = 0;
};

// The tools of a session, in the order in which the model sees them.
class ToolSet {
public:
    void add(std::unique_ptr<Tool> tool);
    Tool* find(std::string_view name) const;  // null when there is none
    std::vector<const ToolFacts*> facts() const;

private:
    std::vector<std::unique_ptr<Tool>> tools_;
};

// read_file write_file edit_file multi_edit list_directory glob grep bash fetch_url update_tasks
// ask_user spawn_subagent wait_subagent message_subagent cancel_subagent merge_subagent
// write_session_plan read_session_plan exit_plan_mode diagnostics.
ToolSet standard_tools();

}  // namespace thole
