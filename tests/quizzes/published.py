"""Tables of marks with statistics that others have published for them."""

from __future__ import annotations


def table(text: str) -> list[list[float]]:
    return [[float(cell) for cell in line.split()] for line in text.strip().splitlines()]


# Moodle 2.6, mod/quiz/report/statistics/tests/fixtures/results00.csv; the expected values (qstats00.csv and
# stats_from_steps_walkthrough_test.php) "were calculated independently in a spreadsheet".
MOODLE_SLOTS = table("""
1 1 1 1 1 0 1
1 1 1 1 0.5 1 0
1 1 1 1 0.5 0 1
0 0 1 1 1 0 0
1 0 1 0 0 1 0.5
1 1 1 1 0.5 0 0.5
0 1 1 1 0.5 1 0.5
1 1 1 0 0.5 1 0.5
1 0 1 1 1 1 1
0 1 1 0 0.5 1 0.5
0.8 0 1 1 0.5 1 0.5
1 1 1 0 0.5 1 1
1 0 1 1 0.5 1 0.5
1 0 1 1 1 0 0.5
0 0 1 1 0 1 1
1 0 1 0 0.5 1 1
0.8 0 1 1 0.5 0 1
1 0 1 1 0 1 0.5
1 0 1 1 0.5 0 0.5
0 1 1 0 0.5 1 0
1 1 0.3333333 1 0.5 0 0.5
1 1 1 0 0.5 0 0.5
1 1 1 1 0 1 0.5
0 0 1 0 0.5 1 1
0 0 1 1 1 1 1
""")
# facility, sd, effective weight, discrimination index, discriminative efficiency
MOODLE_SLOTS_FOUND = table("""
0.704        0.4513682901  21.2922742344  -7.0650767526   -9.4550536967
0.48         0.5099019514  18.8979800309  -28.8982125772  -36.7834118938
0.973333332  0.13333334    4.443012573    -9.1230674268   -21.6545012165
0.68         0.4760952286  18.9347251357  -22.6306444113  -31.4411395613
0.52         0.3055050463  11.1450138688  -17.6997047674  -21.1794802584
0.64         0.4898979486  9.8081339177   -45.3785178421  -56.9365974439
0.62         0.331662479   15.4788602394  -5.6543166602   -6.5043742058
""")
MOODLE_TEST_FOUND = {
    "mean": 4.617333332,
    "median": 4.5,
    "sd": 0.8117265554,
    "skewness": -0.092502502,
    "kurtosis": -0.7073968557,
    "internal_consistency": -87.2230935542,
    "error_ratio": 136.8294900795,
    "standard_error": 1.1106813066,
}
# The attempts (counted from 0) in which slot 1 drew the numerical question, and those that showed variants 1 and 8 of
# the question in slot 2 (steps00.csv); facility, sd, discrimination index, discriminative efficiency.
DREW_NUMERICAL = [0, 2, 4, 5, 6, 7, 9, 12, 14, 18, 23, 24]
NUMERICAL_FOUND = (0.583333333, 0.514928651, 35.803933, 39.39393939)
SHOWED_VARIANT = {1: [0, 1, 5, 8, 13, 23], 8: [11, 12, 18, 20, 24]}
VARIANT_FOUND = {
    1: (0.5, 0.5477225575, -10.5999788, -14.28571429),
    8: (0.4, 0.547722558, -57.77466679, -71.05263241),
}

# Moodle 2.6, mod/quiz/report/statistics/tests/fixtures/mdl_question_states.csv and statistics_test.php, whose values
# "are taken from contrib/tools/quiz_tools/stats.xls". Slots 1 to 4: a maximum of 1, everybody has 0. Slots 5 to 7: no
# marks.
MOODLE_LONG = [
    [0.0] * 7 + row
    for row in table("""
5.5 0.3 0.9 1 0.3 1 0 0 1 1 0 0 1
1 0.9 0.9 0.3 0.3 1 0 0 1 0 1 0 1
2.5 1 0.9 0.3 1 0 0 1 1 1 1 1 1
4 0.3 0.9 1 0.3 0 0 0 0 1 0 0 1
3 0.9 0.3 0.9 1 0 1 0 0 1 1 1 0
4.5 0.9 1 1 0.9 0 1 1 1 0 0 0 0
3 0.3 0.3 0.3 0.3 1 0 1 1 1 1 1 1
6 0.9 0.9 1 0.3 0 1 1 1 1 0 0 1
0.5 0.9 1 0.9 0.3 0 1 1 0 1 1 0 1
5.5 0.9 1 0.9 0.3 1 1 0 0 1 0 0 0
2.5 0.9 1 1 0.9 0 1 0 0 1 0 0 1
4 0.9 0.3 0.9 1 0 1 1 1 1 1 0 1
4 0.9 0.3 0.3 1 1 1 1 0 0 1 1 0
3 1 1 0.3 1 0 1 0 1 1 1 1 0
1 1 0.9 0.3 0.3 1 0 1 0 0 0 0 0
1 0.3 0.3 0.3 0.9 0 0 0 1 0 0 0 1
1.5 1 0.3 0.9 1 1 1 0 1 1 0 0 0
4 0.9 1 0.9 1 0 1 1 1 0 1 0 0
2 0.9 0.9 0.3 0.9 0 1 0 0 0 0 0 0
1 1 0.3 0.3 0.3 0 1 1 0 1 0 0 0
6 0.9 1 1 0.9 0 0 0 1 0 0 1 1
7 0.9 0.3 0.3 0.3 1 0 1 1 1 1 0 0
""")
]
MOODLE_LONG_MAXIMA = [1] * 4 + [0] * 3 + [8] + [1] * 12
# Slots 8 to 20: 100 · facility, 1000 · sd, effective weight, discrimination index, discriminative efficiency
MOODLE_LONG_FOUND = table("""
41.19318182  1912.733589  26.58464457  25.88327077   27.23492723
81.36363636  251.2738111  3.368456046  1.170256965   1.382386552
71.36363636  322.6312277  3.253955259  -4.207816809  -4.691171307
65.45454545  333.4199022  7.584083694  28.16930644   31.12404354
65.90909091  337.5811591  3.79658376   -2.513606859  -2.877487579
36.36363636  492.3659639  3.183278505  -12.99017581  -17.5074184
59.09090909  503.2362797  4.532356904  -8.900638238  -10.27568922
50           511.7663157  7.78856243   8.670004606   10.86956522
59.09090909  503.2362797  10.08351572  29.63337745   34.58997279
63.63636364  492.3659639  8.381139345  15.18945843   17.4790556
45.45454545  509.6471914  8.727645713  16.21079629   20.14359793
27.27272727  455.8423058  7.946277111  15.52451404   22.06477733
50           511.7663157  4.769500946  -8.396734802  -10
""")

# D. J. Denis, Applied Univariate, Bivariate, and Multivariate Statistics (Wiley), section on Cronbach's alpha: SPSS
# gives alpha = 0.633, item means and standard deviations and, as "corrected item-total correlation" of the
# first item, 0.712, which is the discrimination index.
DENIS = table("""
10 12 15 11 12
12 18 12 12 1
8 16 14 14 4
6 8 16 8 6
4 7 8 7 5
6 6 3 7 3
3 4 6 5 8
7 3 7 9 9
8 9 4 10 10
9 5 6 11 12
""")
DENIS_SD = [2.71006, 5.05085, 4.74810, 2.71621, 3.80058]

# Values, skewness and kurtosis, and how many digits are given.
MOMENTS = [
    # Microsoft, help of Excel: SKEW and KURT
    ([3, 4, 5, 2, 3, 4, 5, 6, 4, 7], 0.359543, -0.151800, 6),
    # SAS, Functions and CALL Routines: SKEWNESS, KURTOSIS
    ([2, 4, 6, 3, 1], 0.5901286564, None, 10),
    ([5, 9, 3, 6], None, 0.928, 3),
    ([5, 8, 9, 6], None, -3.3, 9),
    ([8, 1, 6, 1], None, -4.483379501, 9),
    # CAMIS, comparison of SAS and R (e1071, type 2)
    ([10, 17, 17, 18, 15, 10, 14, 13, 29, 25, 12, 30, 34, 12, 11], 1.009318, -0.299156, 6),
]
