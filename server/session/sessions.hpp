// The sessions that this process has open, and the way to open, find, list, close and delete them.
// Made by main; every front end uses this one. Loop thread.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/budget.hpp"
#include "async/loop.hpp"
#include "http/http.hpp"
#include "journal/index.hpp"
#include "journal/secrets.hpp"
#include "session/extensions.hpp"
#include "session/links.hpp"
#include "session/mcp_desk.hpp"
#include "session/session.hpp"

namespace thole {

// The root that sessions of `cwd` are stored under: the nearest folder upwards that has
// .thole/sessions or .git, else `cwd`. Never above the home directory.
std::string workspace_of(const std::string& cwd);

// What a sub-agent's session shares with the one that started it.
struct ChildTerms {
    std::shared_ptr<Budget> budget;          // null: it has one of its own
    std::function<bool()> somebody_answers;  // there; its approvals wait for the same people
    int depth = 0;                           // below the first session
    // What the one that started it has been granted for the session so far.
    std::function<std::vector<std::string>()> granted_rules;
};

struct NewSession {
    std::string id;         // "" = a new one; errors: exists
    std::string cwd;        // absolute, exists
    std::string workspace;  // whose session it is; "" = workspace_of(cwd)
    std::vector<std::string> additional_directories;
    std::string model;          // "" = default
    std::string mode;           // "" = config's
    std::string thought_level;  // "" = off
    Limits limits;
    // Of a sub-agent.
    std::string parent_session_id{}, spawn_reason{}, inherited_summary{}, agent{};
    WorktreeCreated worktree{};  // path "": it has none
    ChildTerms as_child{};
    GivenServers servers{};
};

struct OpenSession {
    std::string id;   // full
    std::string cwd;  // where to look: its workspace
    std::vector<std::string> additional_directories;
    std::string model, mode, thought_level;  // "" = as it was
    Limits limits;
    // Calls that waited for an approval when their process died wait again, and their turn goes on.
    // False: they count as interrupted.
    bool continues = false;
    ChildTerms as_child{};
    GivenServers servers{};
};

struct ListQuery {
    std::string cwd{};  // of the workspace of this folder; "": every one that this user has used
    std::string status{};
    std::int64_t since_hours = 0;  // 0: any age
    std::string search{};          // words, see Selection; "" = all
    std::string parent{};
    bool with_empty = false;
    std::size_t limit = 0;  // the newest that many; 0: all
};

class Sessions {
public:
    struct Parts {
        async::Loop& loop;
        const Clock& clock;
        http::Http& http;
        model::Models& models;
        const Config& config;
        const Secrets& secrets;
        std::string state_directory;           // <state>/thole
        std::vector<std::string> environment;  // of this process, KEY=VALUE
        Links* links = nullptr;                // null: no session can be attached to
    };
    explicit Sessions(Parts parts);
    ~Sessions();

    // Errors: denied/io (directory cannot be written: says so, before any token is paid for),
    // not_found (unknown model: lists the known ones), authentication (no key: which variable).
    async::Task<Result<Session*>> create(NewSession options);
    // Opens a session of the disk, or gives the open one; one that another process runs is attached
    // to. Calls without a result get one ("interrupted"). Errors: not_found, busy (another process
    // has it and cannot be reached), corrupt, io.
    async::Task<Result<Session*>> open(OpenSession options);
    Session* find(const std::string& id) const;  // null: not open in this process

    // Cancels its turn, saves it and lets go of it; one of another process is only let go of. Not
    // open: nothing to do.
    async::Task<void> close(std::string id);
    async::Task<void> close_all();
    // The front end has gone: what runs goes on, approvals wait for somebody who attaches. Returns
    // when nothing runs any more; a stop ends the waiting and nothing else.
    async::Task<void> finish_all();
    // Closes it when open and deletes its files. Errors: busy (another process), io. Unknown: fine.
    async::Task<Result<void>> remove(std::string id, std::string cwd);

    // Forgets plans that are 30 days old, once in the life of the process.
    async::Task<void> sweep_plans();

    // Newest first. Looks at the disk only.
    async::Task<std::vector<SessionRow>> list(ListQuery query) const;

    // Where a session of the workspace of `cwd` has its files.
    SessionFiles files_of(const std::string& id, const std::string& cwd) const;
    std::string index_file() const;
    std::string plan_directory() const;

    async::Loop& loop() const;
    const Clock& clock() const;
    model::Models& models();
    const Config& config() const;
    const Secrets& secrets() const;
    // What the user and the workspace add, as it is now. Blocking for a moment when it has changed.
    ExtensionsNow extensions(const std::string& workspace) const;
    SkillShelf shelf(const std::string& workspace);
    Trust trust() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// The full id that `name` (unique prefix or "latest") stands for in the workspace of `cwd`.
// Errors: invalid_argument, not_found.
Result<std::string> resolve_session(const Config& config, const std::string& cwd,
                                    std::string_view name);

}  // namespace thole
