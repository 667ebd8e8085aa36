#pragma once

/// Calling what a user gave us: a function, a lambda, or a pointer to a member with its object.

#include <type_traits>
#include <utility>

#include <cicada/async/task.hpp>

namespace cicada::detail {

template <class Member, class Class, class Object, class... Args>
decltype(auto) invoke_member(Member Class::* member, Object&& object, Args&&... args) {
    if constexpr (std::is_base_of_v<Class, std::remove_cvref_t<Object>>) {
        if constexpr (std::is_function_v<Member>) {
            return (std::forward<Object>(object).*member)(std::forward<Args>(args)...);
        } else {
            return std::forward<Object>(object).*member;
        }
    } else if constexpr (requires { object.get(); }) { // std::reference_wrapper, smart pointers
        return detail::invoke_member(member, object.get(), std::forward<Args>(args)...);
    } else {
        return detail::invoke_member(member, *std::forward<Object>(object),
                                     std::forward<Args>(args)...);
    }
}

/// std::invoke without <functional>, which costs every user's build more than all of async/.
template <class F, class... Args>
decltype(auto) invoke(F&& f, Args&&... args) {
    if constexpr (std::is_member_pointer_v<std::remove_cvref_t<F>>) {
        return detail::invoke_member(f, std::forward<Args>(args)...);
    } else {
        return std::forward<F>(f)(std::forward<Args>(args)...);
    }
}

template <class F, class... Args>
concept coroutine_function =
    std::is_invocable_v<std::decay_t<F>&, std::decay_t<Args>...> &&
    is_task<std::remove_cvref_t<std::invoke_result_t<std::decay_t<F>&, std::decay_t<Args>...>>>;

template <class F, class... Args>
using coroutine_value =
    typename std::invoke_result_t<std::decay_t<F>&, std::decay_t<Args>...>::value_type;

} // namespace cicada::detail
