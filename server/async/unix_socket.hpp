// Unix stream sockets as descriptors: listening, connecting, and who is at the other end. Nothing
// here waits: every descriptor is non-blocking; Poller, LineReader and FdWriter do the waiting. Any
// thread; no state. Does not choose paths and does not look after directories.
#pragma once
#include <sys/types.h>

#include <cstddef>
#include <string>

#include "async/descriptor.hpp"
#include "base/result.hpp"

namespace thole::async {

// Bytes of a path that the kernel takes for a socket.
inline constexpr std::size_t longest_socket_path = 107;

// Makes a socket of mode 0600, whatever the umask, at a path in a directory that only we can write.
// Errors: too_large, exists (something is there already), denied, io.
Result<Descriptor> listen_unix(const std::string& path);

// The next of those who wait to be let in; not open when nobody waits. Errors: io (no descriptor is
// left, for example).
Result<Descriptor> accept_unix(const Descriptor& listening);

// Errors: unavailable (nothing is there, or nobody listens), busy (too many wait already: try again
// later), too_large, denied, io.
Result<Descriptor> connect_unix(const std::string& path);

// The user whose process connected, or listened, at the other end. Errors: io.
Result<uid_t> peer_user(const Descriptor& socket);

}  // namespace thole::async
