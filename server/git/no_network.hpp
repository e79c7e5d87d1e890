// What stands in for the network of libgit2: thole never fetches or pushes through it. Linked
// before libgit2.a, these take the place of its members for HTTP, TLS and SSH, and with them of
// three more libraries and of everything that Kerberos brings.
#pragma once

namespace thole::git {

// Does nothing; a call of it makes the linker take the others.
void leave_out_network();

}  // namespace thole::git
