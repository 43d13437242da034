"""The search for a maximum, on functions whose maximum is known."""

import numpy as np
import pytest

from genopool.diagnostics.likelihood_maximum import covariance, derivatives, maximise


def hill(points):
    x, y = points.T
    return -((1 - x) ** 2) - 100 * (y - x**2) ** 2  # Rosenbrock: its top is at (1, 1)


def test_a_bent_ridge_is_climbed_to_its_top():
    found = maximise(hill, [[-1.2, 1.0]], [-50, -50], [50, 50])
    assert found.at == pytest.approx([1, 1], abs=1e-7)
    assert not found.at_bound.any()


def test_the_highest_of_two_tops_is_taken():
    two = lambda x: np.exp(-((x[:, 0] + 3) ** 2)) + 2 * np.exp(-((x[:, 0] - 3) ** 2))  # noqa: E731
    assert maximise(two, [[-2.5], [2.5]], [-9], [9]).at == pytest.approx([3], abs=1e-6)
    assert maximise(two, [[-2.5]], [-9], [9]).at == pytest.approx([-3], abs=1e-6)


def test_a_likelihood_without_a_maximum_runs_to_its_bound():
    found = maximise(lambda x: -np.exp(-x[:, 0]) - x[:, 1] ** 2, [[0.0, 1.0]], [-5, -5], [5, 5])
    assert found.at_bound.tolist() == [True, False]


def test_impossible_points_are_walked_round():
    found = maximise(lambda x: np.log(x[:, 0]) - x[:, 0], [[-1.0], [5.0]], [-9], [9])
    assert found.at == pytest.approx([1], abs=1e-7)
    nowhere = maximise(lambda x: np.full(len(x), np.nan), [[0.0]], [-1], [1])
    assert np.isnan(nowhere.value) and np.isnan(nowhere.at).all()


def test_derivatives_of_a_function_with_known_ones():
    value = lambda x: np.exp(x[:, 0]) * np.sin(x[:, 1]) + x[:, 2] ** 3  # noqa: E731
    gradient, hessian = derivatives(value, np.array([[0.3, 0.7, -1.1]]), extrapolate=True)
    e, s, c = np.exp(0.3), np.sin(0.7), np.cos(0.7)
    assert gradient[0] == pytest.approx([e * s, e * c, 3 * 1.1**2], rel=1e-8)
    expected = np.array([[e * s, e * c, 0], [e * c, -e * s, 0], [0, 0, -6.6]])
    assert hessian[0] == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_covariance_of_a_normal_likelihood():
    true = np.array([[0.5, 0.2], [0.2, 0.3]])
    value = lambda x: -np.einsum("na,ab,nb->n", x, np.linalg.inv(true), x) / 2  # noqa: E731
    everything = covariance(value, np.zeros(2), np.array([True, True]))
    assert everything == pytest.approx(true, rel=1e-6)
    one = covariance(value, np.zeros(2), np.array([True, False]))
    assert one[0, 0] == pytest.approx(0.5 - 0.2**2 / 0.3, rel=1e-6) and np.isnan(one[1]).all()
    assert np.isnan(
        covariance(lambda x: (x**2).sum(axis=1), np.zeros(2), np.array([True] * 2))
    ).all()
