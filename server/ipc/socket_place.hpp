// Where the sockets of sessions are: $XDG_RUNTIME_DIR/thole/<id>.sock, else
// /tmp/thole-<uid>/<id>.sock. Makes and checks the directory, so that nobody else can put a socket
// there. Values in, values out; blocking, but quick.
#pragma once
#include <sys/types.h>

#include <string>

#include "base/result.hpp"

namespace thole::ipc {

struct SocketPlace {
    std::string runtime_directory;  // $XDG_RUNTIME_DIR; "" when it is not set
    uid_t user = 0;                 // the effective one of this process
    std::string temporary = "/tmp";
};

// The path for the socket of a session, in a directory of mode 0700 that belongs to the user. The
// runtime directory is passed over when it is not the user's or the path would be too long.
// Errors: too_large, denied (the directory is a link, another user's, or others can write it), io.
Result<std::string> socket_path(const SocketPlace& place, const std::string& session_id);

// Whether the socket there is one that nobody listens on any more. Errors: denied (something else
// than a socket, or another user's), busy (somebody listens), io.
Result<void> remove_stale_socket(const std::string& path, uid_t user);

}  // namespace thole::ipc
