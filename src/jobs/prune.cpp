#include <jobs/prune.hpp>

#include <jobs/checks.hpp>
#include <jobs/request.hpp>

namespace cicada {

namespace detail {

task<prune_result> prune_some(store_link& link, prune_options by, prune_place from) {
    const prune_request what{.ended_before = later(link.now(), -by.older_than),
                             .kept_of_each = by.keep,
                             .from = std::move(from)};
    auto some = link.write([what](writing& in) { return in.prune(what); });
    prune_result made = co_await some;
    co_return made;
}

void check(const prune_options& by, const std::string& where) {
    check_not_negative(by.older_than, "older_than", where);
}

namespace {

task<std::uint64_t> prune(std::shared_ptr<store_access> access, prune_options by) {
    std::uint64_t gone = 0;
    std::optional<prune_place> from(std::in_place);
    while (from) {
        auto some = prune_some(access->link(), by, *from);
        const prune_result made = co_await std::move(some);
        gone += made.gone;
        from = made.goes_on;
    }
    co_return gone;
}

} // namespace

} // namespace detail

task<std::uint64_t> job_store::prune(prune_options options) {
    detail::check(options, "prune");
    return detail::prune(access_, options);
}

} // namespace cicada
