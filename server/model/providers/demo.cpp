#include "model/providers/demo.hpp"

#include "async/sleep.hpp"

namespace thole::model {

namespace {

class Demo final : public Provider {
public:
    Demo(async::Loop& loop, std::chrono::milliseconds pause) : loop_(loop), pause_(pause) {}

    async::Task<Answer> stream(const Request& request, const PieceSink& sink) override {
        Reply reply = demo_reply(request);
        for (const Block& block : reply.blocks) {
            bool went_on = co_await play(block, sink);
            if (!went_on) co_return Failure{cancelled(), false, std::nullopt};
        }
        co_return std::move(reply);
    }

private:
    // False when it was stopped.
    async::Task<bool> play(const Block& block, const PieceSink& sink) {
        if (const auto* call = std::get_if<ToolCall>(&block)) {
            sink({Piece::Kind::call_begins, {}, call->id, call->name});
            co_return true;
        }
        const auto* text = std::get_if<Text>(&block);
        Piece::Kind kind = text != nullptr ? Piece::Kind::text : Piece::Kind::thought;
        std::string_view rest = text != nullptr ? text->text : std::get<Thought>(block).text;
        while (!rest.empty()) {
            std::size_t size = piece_size(rest);
            sink({kind, rest.substr(0, size)});
            rest.remove_prefix(size);
            async::Wake wake = co_await async::sleep_for(loop_, pause_);
            if (wake == async::Wake::stopped) co_return false;
        }
        co_return true;
    }

    // A word or two with the space after them: never a part of a character.
    static std::size_t piece_size(std::string_view text) {
        std::size_t space = text.find_first_of(" \n", 12);
        return space == std::string_view::npos ? text.size() : space + 1;
    }

    async::Loop& loop_;
    std::chrono::milliseconds pause_;
};

}  // namespace

std::unique_ptr<Provider> demo_provider(async::Loop& loop, std::chrono::milliseconds pause) {
    return std::make_unique<Demo>(loop, pause);
}

}  // namespace thole::model
