#pragma once

/// One transaction of a store around a function.
///
///     const auto made = support::write(store, [&](writing& in) { return in.create(job); });
///     const auto rows = support::read(store, [&](reading& in) { return in.runs({}); });

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include <store/store.hpp>

namespace support {

/// A function as a part.
template <class F>
class part_of final : public cicada::detail::part {
public:
    explicit part_of(F f) : f_(std::move(f)) {}
    void run(cicada::detail::writing& in) override { f_(in); }

private:
    F f_;
};

/// Gives what `f(writing&)` returns, or throws what it throws.
template <class F>
auto write(cicada::detail::store& to, F f) {
    using value = std::invoke_result_t<F&, cicada::detail::writing&>;
    std::conditional_t<std::is_void_v<value>, std::optional<int>, std::optional<value>> made;
    part_of one([&](cicada::detail::writing& in) {
        if constexpr (std::is_void_v<value>) {
            f(in);
        } else {
            made.emplace(f(in));
        }
    });
    cicada::detail::part* const parts[] = {&one};
    to.write(parts);
    if (one.error) std::rethrow_exception(one.error);
    if constexpr (!std::is_void_v<value>) return std::move(*made);
}

/// Gives what `f(reading&)` returns.
template <class F>
auto read(cicada::detail::store& from, F f) {
    std::optional<std::invoke_result_t<F&, cicada::detail::reading&>> made;
    from.read([&](cicada::detail::reading& in) { made.emplace(f(in)); });
    return std::move(*made);
}

} // namespace support
