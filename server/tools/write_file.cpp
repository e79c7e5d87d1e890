#include "base/json.hpp"
#include "base/sha256.hpp"
#include "tools/facts.hpp"
#include "tools/file_change.hpp"
#include "tools/standard.hpp"

namespace thole {

namespace {

constexpr std::string_view properties = R"json({
  "path": {"type": "string", "description": "absolute, or relative to the working directory"},
  "content": {"type": "string", "description": "the whole new content"}
})json";

struct WriteInput {
    std::string path, content;
};

Result<WriteInput> write_input(const Json& input) {
    Fields fields(input, "write_file");
    fields.only({"path", "content"});
    WriteInput wanted{fields.text("path"), fields.text("content")};
    if (Result<void> read = fields.finish(); !read) return read.error();
    return wanted;
}

NewContent replacement(std::string content) {
    return [content = std::move(content)](const CurrentFile& file) -> Result<std::string> {
        if (!file.exists) return content;
        if (file.seen_version.empty()) {
            return fail(Code::invalid_argument,
                        "'" + file.path +
                            "' exists and was not read in this session; read it "
                            "first, so that nothing in it is lost");
        }
        if (file.seen_version != sha256_hex(file.content)) {
            return fail(Code::invalid_argument, "'" + file.path +
                                                    "' has changed since you read it; read it "
                                                    "again first");
        }
        return content;
    };
}

class WriteFile final : public Tool {
public:
    const ToolFacts& facts() const override { return facts_; }

    async::Task<Result<Prepared>> prepare(ToolContext& context, JsonValue input) override {
        Result<WriteInput> wanted = write_input(*input);
        if (!wanted) co_return wanted.error();
        NewContent content = replacement(std::move(wanted->content));
        std::string path = std::move(wanted->path);
        std::string verb = "Write";
        Result<Prepared> prepared =
            co_await prepare_change(context, std::move(path), std::move(verb), std::move(content));
        if (prepared) prepared->input = std::move(input);
        co_return std::move(prepared);
    }

    async::Task<ToolOutcome> run(ToolContext& context, const Prepared& prepared) override {
        Result<WriteInput> wanted = write_input(*prepared.input);
        if (!wanted) co_return failed_outcome(wanted.error().message);
        NewContent content = replacement(std::move(wanted->content));
        ToolOutcome outcome = co_await make_change(context, prepared, std::move(content));
        co_return std::move(outcome);
    }

private:
    ToolFacts facts_ =
        tool_facts("write_file", Effect::edit, "edit", properties, {"path", "content"});
};

}  // namespace

std::unique_ptr<Tool> write_file_tool() {
    return std::make_unique<WriteFile>();
}

}  // namespace thole
