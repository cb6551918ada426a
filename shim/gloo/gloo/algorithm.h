// See ../README. ProcessGroupGloo.hpp includes this header but names nothing of it.
#pragma once
