#include <chaos/diary.hpp>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <system_error>

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace chaos {

namespace {

std::int64_t kernel_ns(clockid_t which) noexcept {
    timespec t{};
    ::syscall(SYS_clock_gettime, which, &t);
    return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

void add_quoted(std::string& to, std::string_view text) {
    to += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') to += '\\';
        to += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    }
    to += '"';
}

} // namespace

std::int64_t boot_ns() noexcept { return kernel_ns(CLOCK_BOOTTIME); }
std::int64_t real_ns() noexcept { return kernel_ns(CLOCK_REALTIME); }

entry::entry(std::string_view what) : text_("{\"what\": ") {
    add_quoted(text_, what);
    add("boot", boot_ns()).add("real", real_ns()).add("pid", ::getpid());
}

entry& entry::add(std::string_view name, std::string_view text) {
    text_ += ", ";
    add_quoted(text_, name);
    text_ += ": ";
    add_quoted(text_, text);
    return *this;
}

entry& entry::add(std::string_view name, std::int64_t number) {
    text_ += ", ";
    add_quoted(text_, name);
    text_ += ": " + std::to_string(number);
    return *this;
}

diary::diary(const std::string& path)
    : file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666)) {
    if (file_ < 0) throw std::system_error(errno, std::generic_category(), path);
}

diary::~diary() { ::close(file_); }

void diary::write(entry one) const {
    one.text_ += "}\n";
    const ssize_t written = ::write(file_, one.text_.data(), one.text_.size());
    if (written == static_cast<ssize_t>(one.text_.size())) return;
    std::perror("the diary");
    std::abort();
}

attempt::attempt(const diary& in, cicada::job_run run) : in_(in), run_(std::move(run)) {
    in_.write(about("start"));
}

attempt::~attempt() {
    if (is_at_work_) ended("cancelled");
}

void attempt::ended(std::string_view how) {
    is_at_work_ = false;
    entry one = about("end");
    one.add("how", how);
    in_.write(std::move(one));
}

entry attempt::about(std::string_view what) const {
    entry one(what);
    one.add("run", static_cast<std::int64_t>(run_.id()))
        .add("fence", static_cast<std::int64_t>(run_.fence()))
        .add("attempt", run_.attempt())
        .add("lost", run_.lost())
        .add("job", run_.job())
        .add("kind", run_.kind())
        .add("origin", to_string(run_.origin()))
        .add("nominal", run_.nominal().time_since_epoch().count())
        .add("key", run_.key());
    return one;
}

} // namespace chaos
