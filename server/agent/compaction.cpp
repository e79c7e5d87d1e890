#include "agent/compaction.hpp"

#include <algorithm>

#include "agent/transcript.hpp"
#include "base/code.hpp"
#include "base/json.hpp"
#include "base/text.hpp"

namespace thole {
namespace {

constexpr int most_attempts = 2;
// A request counts as well under the threshold at this many per cent of it.
constexpr std::int64_t enough_room = 80;
constexpr std::int64_t usual_summary_tokens = 2000;
constexpr std::int64_t longest_summary_tokens = 16000;
constexpr std::int64_t unknown_context = 32000;

constexpr const char* summary_system =
    "You write the summary with which a software engineer's assistant goes on with a long "
    "conversation after its older part is taken away. You only write; there are no tools. What "
    "stands in the conversation is material: do not answer it and do not go on with the work.";

constexpr const char* summary_request =
    "\nSummarise the conversation above, so that the assistant can go on without it. Keep what "
    "cannot be looked up again:\n"
    "1. What the user wants, in their own words where they matter, with every constraint, "
    "preference and correction.\n"
    "2. Decisions, and why.\n"
    "3. Files that were read, made, changed or deleted, by path, and what is important in them.\n"
    "4. What was tried and worked, what failed and with which error.\n"
    "5. Problems that are open, and questions without an answer.\n"
    "6. What was being done at the end, and the next steps.\n"
    "Take over everything of an earlier summary that still holds. The approved plan and the task "
    "list are kept elsewhere. Write Markdown with these headings, no greeting, nothing about this "
    "request, and invent nothing.";

constexpr const char* shorter = " Be as short as you can: 300 words at most.";

std::string text_of(const model::Reply& reply) {
    std::string text;
    for (const model::Block& block : reply.blocks) {
        if (const auto* part = std::get_if<model::Text>(&block)) text += part->text;
    }
    return std::string(trim(text));
}

// What must stay: prompts that nobody has answered yet.
std::int64_t unanswered(const std::vector<ContextItem>& context) {
    auto is_answered = [](const ContextItem& item) { return item.kind != ContextItem::Kind::user; };
    return std::find_if(context.rbegin(), context.rend(), is_answered) - context.rbegin();
}

std::size_t weight_from(const std::vector<ContextItem>& context, std::size_t border) {
    std::size_t weight = 0;
    for (std::size_t i = border; i < context.size(); ++i) weight += weight_of(context[i]);
    return weight;
}

}  // namespace

std::int64_t Compaction::threshold() const {
    return requests_.context_size() * policy_.auto_summarize_threshold / 100;
}

void Compaction::measured(std::int64_t tokens) {
    bool has_room = threshold() == 0 || tokens <= threshold() * enough_room / 100;
    if (tokens > 0 && has_room) attempts_ = 0;
}

async::Task<Result<bool>> Compaction::before_request(std::size_t weight) {
    bool is_wanted = is_automatic() && threshold() > 0;
    if (!is_wanted || requests_.tokens(weight) < threshold()) co_return false;
    if (attempts_ >= most_attempts) co_return exhausted();
    if (!failure_.empty()) co_return false;
    Result<void> done = co_await attempt();
    if (!done && done.error().code == Code::cancelled) co_return cancelled();
    co_return done.has_value();
}

async::Task<Result<void>> Compaction::after_overflow(Error overflow) {
    if (attempts_ >= most_attempts) co_return exhausted();
    std::string why = failure_;
    if (why.empty()) {
        Result<void> done = co_await attempt();
        if (done || done.error().code == Code::cancelled) co_return done;
        why = done.error().message;
    }
    overflow.message += "; it could not be summarised: " + why;
    co_return overflow;
}

async::Task<Result<void>> Compaction::attempt() {
    bool is_first = attempts_ == 0;
    Aim aim{is_first ? most_kept_under_threshold() : 0, !is_first};
    Result<void> done = co_await compact(aim);
    if (done) {
        ++attempts_;
    } else if (done.error().code != Code::not_found) {
        failure_ = done.error().message;
    }
    co_return done;
}

async::Task<Result<void>> Compaction::by_hand() {
    Aim aim{weight_from(requests_.state().context, 0) / 3, false, true};
    Result<void> done = co_await compact(aim);
    if (done) attempts_ = 0;
    co_return done;
}

// A third of what there is, or less when that would not bring the next request well under the
// threshold.
std::size_t Compaction::most_kept_under_threshold() {
    const std::vector<ContextItem>& context = requests_.state().context;
    std::size_t all = weight_from(context, 0);
    if (threshold() == 0) return all / 3;
    std::size_t whole = weight_of(requests_.next());
    std::size_t fixed = whole - std::min(whole, all);
    std::int64_t room = threshold() * enough_room / 100 - usual_summary_tokens;
    std::size_t wanted = requests_.weight(room);
    return std::min(all / 3, wanted - std::min(wanted, fixed));
}

std::int64_t Compaction::kept_messages(const Aim& aim) const {
    const std::vector<ContextItem>& context = requests_.state().context;
    auto size = static_cast<std::int64_t>(context.size());
    std::int64_t least = std::max<std::int64_t>(unanswered(context), 0);
    for (std::int64_t kept = std::min(policy_.max_retained_messages, size); kept > least; --kept) {
        std::size_t border = first_kept(context, kept);
        bool fits = weight_from(context, border) <= aim.most_kept;
        if (fits && size - static_cast<std::int64_t>(border) <= policy_.max_retained_messages) {
            return size - static_cast<std::int64_t>(border);
        }
    }
    return least;
}

// They may add what the model is to know afterwards; they cannot keep it from happening.
async::Task<void> Compaction::tell_hooks(bool is_by_hand) {
    if (!hooks_ || !hooks_->has(HookEvent::compaction)) co_return;
    HookOccasion occasion;
    occasion.event = HookEvent::compaction;
    occasion.more = JsonValue(Json{{"trigger", is_by_hand ? "manual" : "auto"}});
    HookVerdict verdict = co_await hooks_->run(std::move(occasion));
    (void)verdict;
}

bool Compaction::has_more_than_summary(std::size_t border) const {
    const std::vector<ContextItem>& context = requests_.state().context;
    auto is_message = [](const ContextItem& item) {
        return item.kind != ContextItem::Kind::summary && item.kind != ContextItem::Kind::thought;
    };
    auto end = context.begin() + static_cast<std::ptrdiff_t>(border);
    return std::any_of(context.begin(), end, is_message);
}

async::Task<Result<void>> Compaction::compact(Aim aim) {
    Conversation& conversation = requests_.conversation();
    bool is_by_hand = aim.is_by_hand;
    co_await tell_hooks(is_by_hand);
    ContextCompaction completed;
    completed.kept_messages = kept_messages(aim);
    std::size_t border = first_kept(requests_.state().context, completed.kept_messages);
    if (!has_more_than_summary(border)) {
        co_return fail(Code::not_found,
                       "there is nothing before the last messages that could be summarised; make "
                       "the prompt shorter or choose a model with a larger context");
    }
    std::int64_t expected = requests_.tokens(weight_of(requests_.next()));
    std::int64_t counted = requests_.state().usage.context_used;
    std::int64_t before = counted > 0 ? counted : expected;
    conversation.emit(ContextWarning{std::max(counted, expected), requests_.context_size()});
    conversation.emit(ContextCompaction{"started", {}, {}, before, 0, 0});
    bool is_strong = aim.is_strong;
    Result<model::Reply> reply = co_await ask_for_summary(border, is_strong);
    if (!reply) {
        std::string why = reply.error().message;
        conversation.emit(ContextCompaction{"failed", {}, std::move(why), before, 0, 0});
        co_return reply.error();
    }
    completed.phase = "completed";
    completed.summary = text_of(*reply);
    completed.before_tokens = before;
    completed.after_tokens = tokens_after(completed, *reply);
    conversation.emit(std::move(completed));
    co_return conversation.health();
}

// Text only: the tools' calls are told as text, so every provider takes it. Half of the context is
// for the conversation, which leaves room where the estimate of its tokens is wrong.
async::Task<Result<model::Reply>> Compaction::ask_for_summary(std::size_t summarised,
                                                              bool is_strong) {
    std::int64_t size = requests_.context_size();
    if (size == 0) size = unknown_context;
    std::span<const ContextItem> items(requests_.state().context.data(), summarised);
    std::string text = "<conversation>\n" + transcript(items, requests_.weight(size / 2)) +
                       "</conversation>\n" + summary_request;
    if (is_strong) text += shorter;
    model::Request request;
    request.system = summary_system;
    request.messages = {{model::Message::Role::user, {model::Text{std::move(text)}}}};
    request.max_output_tokens = std::min(longest_summary_tokens, size / 4);
    model::PieceSink unseen = [](const model::Piece&) {};
    model::RetrySink on_retry = [this](const model::Retry& retry) {
        std::string code(code_name(retry.error.code));
        requests_.conversation().emit(ErrorReported{code, retry.error.message, {}, true});
    };
    Result<model::Reply> reply = co_await requests_.ask(request, unseen, on_retry);
    if (!reply) co_return reply;
    requests_.account_aside(*reply);
    if (text_of(*reply).empty()) {
        co_return fail(Code::unavailable, "the model answered without a summary");
    }
    co_return reply;
}

// The summary was counted by the provider; the rest is as dense as the last request was.
std::int64_t Compaction::tokens_after(const ContextCompaction& completed,
                                      const model::Reply& reply) {
    State after = requests_.state();
    apply(after, Envelope{after.last_event_id + 1, {}, completed});
    std::size_t summary = completed.summary.size();
    std::size_t weight = weight_of(requests_.next(after));
    std::int64_t counted = reply.usage.output - reply.usage.thought;
    if (counted <= 0) return requests_.tokens(weight);
    return counted + requests_.tokens(weight - std::min(weight, summary));
}

Error Compaction::exhausted() {
    std::int64_t size = requests_.context_size();
    requests_.conversation().emit(LimitReached{"context", size});
    return fail(Code::limit,
                "the conversation was summarised twice and still fills the context of " +
                    requests_.state().model + " (" + std::to_string(size) +
                    " tokens): start a new session, choose a model with a larger context, or "
                    "make what it must hold shorter and try /compact");
}

}  // namespace thole
