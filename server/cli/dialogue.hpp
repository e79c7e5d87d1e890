// The dialogue of a chat with one session after another: shows events as they come, gives what is
// typed to the session, and asks what the session asks. Made by chat.cpp; loop thread. Opening the
// first session is chat.cpp's business.
#pragma once
#include <memory>
#include <set>
#include <string>

#include "async/channel.hpp"
#include "cli/agents_view.hpp"
#include "cli/answers.hpp"
#include "cli/command.hpp"
#include "cli/completing.hpp"
#include "cli/history.hpp"
#include "cli/render.hpp"
#include "cli/screen.hpp"
#include "cli/words.hpp"

namespace thole::cli {

class Dialogue final : private Subscriber {
public:
    Dialogue(Parts& parts, const Invocation& invocation);
    ~Dialogue() override;

    // How much is shown of what a session has been until now.
    enum class Past { nothing, recap, everything };

    // Until the user leaves; closes the session. The exit code.
    async::Task<int> run(Session& session, Past past);

private:
    struct Entry {
        enum class Kind { line, end, signal };
        Kind kind = Kind::line;
        std::string text{};
        int number = 0;
    };
    enum class Leaving { no, save, nosave, detach, hung_up };

    void on_event(const Envelope& envelope) override;
    void on_delta(const Event& piece) override;

    Result<void> open_screen();
    Completion completions(std::string_view before) const;
    async::Task<void> take(Entry entry);
    async::Task<void> take_line(std::string text);
    async::Task<void> take_word(Word word);
    void take_signal(int number);
    void interrupt();
    void answer(const std::string& text);
    bool is_added_command(std::string_view text) const;
    void send_text(std::string text);
    void send(SendMessage message);
    void save();

    async::Task<void> start_fresh();
    async::Task<void> resume(std::string name);
    async::Task<void> switch_to(Session& session, Past past);
    async::Task<void> list_sessions();
    async::Task<void> run_slash(std::string text);
    async::Task<void> note_vocabulary();

    void enter(Session& session, Past past);
    void introduce(Past past);
    async::Task<void> leave_session();
    async::Task<void> end();
    void show_recap();
    void show_backlog();
    void show_open_questions();
    void show(std::vector<Shown> pieces);
    void show_markdown(const std::string& text);
    void update_prompt();
    Prompt prompt_for(const Asked& asked) const;
    Renderer::Options renderer_options() const;
    void follow_agents();
    async::Task<void> leave_agents();
    Session* session_of(const Asked& asked) const;
    Asked next_asked() const;
    void note_answer(const std::string& session_id, const Event& event);
    bool is_elsewhere() const;
    void say_goodbye();

    Parts& parts_;
    const Invocation& invocation_;
    History history_;
    async::Channel<Entry> entries_;
    Screen screen_;
    Renderer renderer_;
    Vocabulary vocabulary_;
    Session* session_ = nullptr;
    std::unique_ptr<AgentsView> agents_;
    std::string session_id_;
    Asked asked_;
    std::set<std::string> answered_;  // by us: session ("": this one) and id
    std::string draft_;               // what was being typed when something was asked
    Leaving leaving_ = Leaving::no;
    bool was_elsewhere_ = false;
    bool is_cancelling_ = false;
    int exit_code_ = 0;
};

}  // namespace thole::cli
