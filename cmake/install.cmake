# Installs the headers, the library, find_package(cicada) and cicada.pc. A static and a shared build
# can be installed into one prefix: each brings its own targets file, and the package finds both.

include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/cicada)
get_target_property(kind cicada TYPE)
if(kind STREQUAL "SHARED_LIBRARY")
    set(kind shared)
else()
    set(kind static)
endif()

install(DIRECTORY include/cicada DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILES_MATCHING PATTERN "*.hpp" PATTERN hosts EXCLUDE)
install(TARGETS cicada EXPORT cicada)
install(EXPORT cicada NAMESPACE cicada:: DESTINATION ${package_dir} FILE cicada-${kind}-targets.cmake)

# Each host is a component with a targets file of its own, so that it is asked for alone.
if(cicada_hosts)
    install(FILES include/cicada/hosts/host_driver.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/cicada/hosts)
endif()
foreach(name IN LISTS cicada_hosts)
    install(DIRECTORY include/cicada/hosts DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/cicada
        FILES_MATCHING PATTERN hosts/${name}.hpp PATTERN hosts/${name}/*.hpp)
    install(TARGETS cicada_${name} EXPORT cicada_${name})
    install(EXPORT cicada_${name} NAMESPACE cicada:: DESTINATION ${package_dir}
        FILE cicada-${name}-${kind}-targets.cmake)
endforeach()

write_basic_package_version_file(cicada-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/cicada-config.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/cicada-config-version.cmake
    DESTINATION ${package_dir})

# cicada.pc finds the prefix from where it lies itself.
cmake_path(ABSOLUTE_PATH CMAKE_INSTALL_LIBDIR BASE_DIRECTORY ${CMAKE_INSTALL_PREFIX} OUTPUT_VARIABLE libdir)
cmake_path(ABSOLUTE_PATH CMAKE_INSTALL_INCLUDEDIR BASE_DIRECTORY ${CMAKE_INSTALL_PREFIX} OUTPUT_VARIABLE includedir)
set(pc_dir ${libdir}/pkgconfig)
cmake_path(RELATIVE_PATH libdir BASE_DIRECTORY ${pc_dir} OUTPUT_VARIABLE pc_libdir)
cmake_path(RELATIVE_PATH includedir BASE_DIRECTORY ${pc_dir} OUTPUT_VARIABLE pc_includedir)
configure_file(${CMAKE_CURRENT_LIST_DIR}/cicada.pc.in cicada.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/cicada.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
