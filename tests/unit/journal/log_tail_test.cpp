#include "journal/log_tail.hpp"

#include <doctest/doctest.h>

#include "journal/log_reader.hpp"
#include "support/scratch.hpp"

using namespace thole;

namespace {

std::string line(std::uint64_t id, std::size_t bytes = 10) {
    return encode_line({id, {}, ErrorReported{"io", std::string(bytes, 'x'), {}, false}}) + "\n";
}

// A log in a scratch folder, private as logs are.
struct Log {
    explicit Log(const std::string& content) { write(content); }
    void write(const std::string& content) const { scratch.write("log", content); }
    LogTail tail(std::uint64_t after_id) const {
        return std::move(*LogTail::open(scratch / "log", after_id));
    }
    test::Scratch scratch;
};

LogTail::Piece next(LogTail& tail, std::size_t size = 4096) {
    return std::move(*tail.next(size));
}

}  // namespace

TEST_CASE("a tail gives the lines after an id, and those that come, byte for byte") {
    Log log(line(1) + line(2) + line(3));
    LogTail tail = log.tail(1);
    LogTail::Piece piece = next(tail);
    CHECK(piece.lines == line(2) + line(3));
    CHECK(piece.damage == "");
    CHECK(piece.is_end);
    CHECK(tail.last_id() == 3);
    CHECK(next(tail).lines == "");
    // Half a line is none.
    log.write(line(1) + line(2) + line(3) + line(4).substr(0, 20));
    CHECK(next(tail).lines == "");
    log.write(line(1) + line(2) + line(3) + line(4));
    CHECK(next(tail).lines == line(4));
    CHECK(tail.offset() == tail.log_size());
}

TEST_CASE("a tail gives whole lines whatever the size of a piece") {
    Log log(line(1, 50) + line(2, 5000) + line(3, 50));
    for (std::size_t size : {1, 7, 100, 1000, 100'000}) {
        LogTail tail = log.tail(0);
        std::string all;
        bool is_end = false;
        while (!is_end) {
            LogTail::Piece piece = next(tail, size);
            all += piece.lines;
            is_end = piece.is_end;
        }
        CHECK(all == line(1, 50) + line(2, 5000) + line(3, 50));
    }
}

TEST_CASE("a tail tells what is damaged before it gives what stands behind") {
    std::string damaged = line(2);
    damaged[40] ^= 1;
    Log log(line(1) + damaged + line(3) + line(3) + line(6));
    LogTail tail = log.tail(0);
    CHECK(next(tail).lines == line(1));
    LogTail::Piece piece = next(tail);
    CHECK(piece.lines == line(3));
    CHECK(piece.damage.find("the checksum is") != std::string::npos);
    piece = next(tail);
    CHECK(piece.lines == line(6));
    CHECK(piece.damage.find("id 3 comes after id 3") != std::string::npos);
    CHECK(piece.is_end);
}

TEST_CASE("a tail tells that events are missing") {
    Log log(line(1) + line(4));
    LogTail tail = log.tail(1);
    LogTail::Piece piece = next(tail);
    CHECK(piece.lines == line(4));
    CHECK(piece.damage.find("event 2 is missing") != std::string::npos);
}

TEST_CASE("two lines whose newline is damaged are both given") {
    std::string joined = line(1) + line(2);
    joined[line(1).size() - 1] = ' ';
    Log log(joined);
    LogTail tail = log.tail(0);
    LogTail::Piece piece = next(tail);
    CHECK(piece.lines == line(1) + line(2));
    CHECK(piece.damage != "");
}

TEST_CASE("a log that cannot be followed is an error") {
    test::Scratch scratch;
    CHECK(LogTail::open(scratch / "none", 0).error().code == Code::not_found);
    scratch.write("directory/x", "");
    CHECK(LogTail::open(scratch / "directory", 0).error().code == Code::denied);
}
