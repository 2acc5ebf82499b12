//! Single-commodity markets against solutions found in other ways: welfare maximisation by `clarabel`, and bisection.
