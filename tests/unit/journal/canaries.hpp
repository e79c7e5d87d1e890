// Texts with a made-up secret of each kind, put together when they are needed: no file of the
// project holds one.
#pragma once
#include <string>
#include <vector>

namespace thole::test {

struct Canary {
    std::string kind;    // that Secrets says in its place
    std::string text;    // as it is found
    std::string secret;  // the part that must not reach the disk
};

std::vector<Canary> canaries();

// The text of a private key in a file of its own.
std::string private_key(const std::string& label, int lines);

}  // namespace thole::test
