#pragma once

/// One sentence, and not a list of candidates, for a call that fits no overload of a function.
///
///     template <class First>
///     struct call_of_spawn {
///         static_assert(never<First>, "cicada: write spawn(...)");
///     };
///     join_handle<> spawn(misuse<call_of_spawn>, ...);
///
/// The ellipsis also takes what nothing else does: a braced list whose names are not those of any
/// options.

namespace cicada::detail {

template <class>
inline constexpr bool never = false;

/// The first argument of such a call. To convert it makes Sentence<First>, and a static_assert in
/// there speaks.
template <template <class> class Sentence>
struct misuse {
    template <class First>
    misuse(const First&, Sentence<First> = {}) noexcept {}
};

} // namespace cicada::detail
