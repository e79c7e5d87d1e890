#include "git/objects.hpp"

#include "base/text.hpp"

namespace thole::git {
namespace {

// In a partial clone an object may have to be fetched, which only the git program knows how to.
Result<bool> is_partial(const Program& git) {
    Result<Answer> answer = git.run({"config", "--get", "extensions.partialClone"});
    if (!answer) return answer.error();
    return answer->exit_code == 0 && !trim(answer->text).empty();
}

}  // namespace

Result<std::unique_ptr<Objects>> Objects::open(const Place& place, std::stop_token stop) {
    Result<bool> partial = is_partial(place.program(stop));
    if (!partial) return partial.error();
    bool is_for_library = place.object_format == "sha1" && !*partial;
    if (is_for_library) return objects_by_library(place);
    return objects_by_program(place, std::move(stop));
}

}  // namespace thole::git
