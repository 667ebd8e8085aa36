#pragma once

#include <ostream>
#include <utility>

#include <cicada/async/unless_cancelled.hpp>

namespace support {

/// How a task that waits learns of a request to cancel; docs/cancellation.md promises the same of
/// both.
enum class form {
    thrown, // by an exception: a plain co_await
    told, // by an answer: unless_cancelled()
};
inline void PrintTo(form is, std::ostream* out) { *out << (is == form::told ? "told" : "thrown"); }

/// For tests that go many rounds, each other of which may be different: both forms, two rounds
/// each.
inline form form_of_round(int round) { return round % 4 < 2 ? form::thrown : form::told; }

/// Awaits `what` in this form, and gives it to `take`. Ends as cancelled if it was.
template <class W, class F>
cicada::task<> wait_in(form how, W what, F take) {
    if (how == form::told) {
        auto given = co_await cicada::unless_cancelled(static_cast<W&&>(what));
        if (given) take(*given);
    } else if constexpr (std::is_void_v<cicada::detail::await_result<W>>) {
        co_await static_cast<W&&>(what);
        take(std::monostate());
    } else {
        take(co_await static_cast<W&&>(what));
    }
}
template <class W>
cicada::task<> wait_in(form how, W what) {
    return wait_in<W>(how, static_cast<W&&>(what), [](auto&&) {});
}

} // namespace support
