#include <jobs/prune.hpp>

#include <jobs/checks.hpp>
#include <jobs/request.hpp>

namespace cicada {

namespace detail {

prune_request to_prune(const prune_options& by, wall_time now) noexcept {
    return {.ended_before = later(now, -by.older_than), .kept_of_each = by.keep};
}

void check(const prune_options& by, const std::string& where) {
    check_not_negative(by.older_than, "older_than", where);
}

namespace {

/// In small transactions, between which others get their turns.
task<std::uint64_t> prune(std::shared_ptr<store_access> access, prune_options by) {
    std::uint64_t gone = 0;
    for (;;) {
        const prune_request what = to_prune(by, access->link().now());
        auto some = access->link().write([what](writing& in) { return in.prune(what); });
        const std::size_t rows = co_await some;
        gone += rows;
        if (rows < what.most) co_return gone;
    }
}

} // namespace

} // namespace detail

task<std::uint64_t> job_store::prune(prune_options options) {
    detail::check(options, "prune");
    return detail::prune(access_, options);
}

} // namespace cicada
