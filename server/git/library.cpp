#include "git/library.hpp"

#include "git/no_network.hpp"

namespace thole::git {

Library::Library() {
    leave_out_network();
    git_libgit2_init();
}

Library::~Library() {
    git_libgit2_shutdown();
}

Error library_error(const std::string& did) {
    const git_error* last = git_error_last();
    std::string reason = last && last->message ? last->message : "unknown error";
    return fail(Code::io, "cannot " + did + ": " + reason);
}

}  // namespace thole::git
