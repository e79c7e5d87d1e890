#include "git/objects.hpp"

#include "git/library.hpp"

namespace thole::git {
namespace {

// In a partial clone an object may have to be fetched, which only the git program knows how to.
bool is_partial(const Place& place) {
    Library library;
    Handle<git_config, git_config_free> config;
    git_buf value = GIT_BUF_INIT;
    std::string file = place.common_dir + "/config";
    bool has_value =
        git_config_open_ondisk(config.out(), file.c_str()) == 0 &&
        git_config_get_string_buf(&value, config.raw(), "extensions.partialclone") == 0;
    git_buf_dispose(&value);
    return has_value;
}

}  // namespace

Result<std::unique_ptr<Objects>> Objects::open(const Place& place, std::stop_token stop) {
    bool is_for_library = place.object_format == "sha1" && !is_partial(place);
    if (is_for_library) return objects_by_library(place);
    return objects_by_program(place, std::move(stop));
}

}  // namespace thole::git
