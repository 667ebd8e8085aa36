#pragma once

/// Everything that an in-process program needs. See the README for a tour, and each header for its
/// own.

// In this order, so that what they say about a mistake comes without a chain of includes.
// clang-format off
#include <cicada/base/export.hpp>
#include <cicada/async/activity.hpp>
#include <cicada/async/task.hpp>
#include <cicada/async/spawn.hpp>
// clang-format on

#include <cicada/async/channel.hpp>
#include <cicada/async/condition.hpp>
#include <cicada/async/event.hpp>
#include <cicada/async/future.hpp>
#include <cicada/async/gate.hpp>
#include <cicada/async/scope.hpp>
#include <cicada/async/semaphore.hpp>
#include <cicada/async/shield.hpp>
#include <cicada/async/unless_cancelled.hpp>
#include <cicada/async/when_all.hpp>
#include <cicada/async/when_any.hpp>
#include <cicada/async/yield.hpp>
#include <cicada/base/version.hpp>
#include <cicada/loop/blocking.hpp>
#include <cicada/loop/loop.hpp>
#include <cicada/loop/loop_group.hpp>
#include <cicada/loop/loop_ref.hpp>
#include <cicada/loop/run.hpp>
#include <cicada/loop/simulation.hpp>
#include <cicada/loop/sleep.hpp>
#include <cicada/loop/snapshot.hpp>
#include <cicada/loop/timeout.hpp>
#include <cicada/periodic/every.hpp>
#include <cicada/periodic/periodic_set.hpp>
#include <cicada/periodic/ticker.hpp>
#include <cicada/schedule/calendar.hpp>
#include <cicada/schedule/combine.hpp>
#include <cicada/schedule/cron.hpp>
